using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Signalbox.Storage;

/// <summary>
/// What a write operation sees of the database: the transaction of the group commit that carries it. An operation
/// may be run a second time (when another one of its group failed), so it must not touch anything but the
/// session and its own result.
/// </summary>
/// <remarks>
/// On PostgreSQL statements over rows wait for the next statement that returns something, or for the commit, and go to the
/// server together, in their order, with the commit itself if it is the next: a round trip costs more than most of them.
/// An error shows itself then, which is early enough, because it fails the transaction as a whole. Statements that look for
/// rows are planned anew each time (<see cref="PlanAnew"/>); inserts have one plan.
/// </remarks>
public sealed class WriteSession : IDisposable
{
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteStatement> _preparedForSqlite = new(StringComparer.Ordinal);
    private readonly DbConnection _connection;
    private NpgsqlBatch? _waiting;
    private DbTransaction? _transaction;
    private bool _plansAnew;
    private bool _expects;

    internal WriteSession(DbConnection connection) => _connection = connection;

    /// <summary>True when nobody else writes as long as this session is used: SQLite has one lane, in one process.</summary>
    public bool IsOnlyWriter => _connection is SqliteConnection;

    /// <summary>Runs a statement that is kept prepared; for hot paths. Returns the number of rows touched.</summary>
    /// <param name="sql">A constant text: each distinct one is kept prepared for the connection's life.</param>
    /// <param name="parameters">Names without <c>@</c>, and values; null is SQL NULL.</param>
    public int ExecutePrepared(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        _connection is SqliteConnection sqlite
            ? Prepared(sqlite, sql, parameters).Execute(parameters)
            : Prepared(sql, parameters).ExecuteNonQuery();

    /// <summary>Runs a prepared statement and returns the first column of the first row, or default.</summary>
    public T? ScalarPrepared<T>(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var value = _connection is SqliteConnection sqlite
            ? Prepared(sqlite, sql, parameters).Scalar(parameters)
            : Prepared(sql, parameters).ExecuteScalar();
        return value is null or DBNull
            ? default
            : (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), null);
    }

    /// <summary>
    /// Runs a statement that finds the one row it is about as the operation expects it, or everything of the transaction is
    /// undone and run again. On PostgreSQL that shows itself with the next statement that returns something, or with the commit.
    /// </summary>
    /// <param name="sql">A constant text, without <c>RETURNING</c>.</param>
    /// <param name="parameters">Names without <c>@</c>, and values.</param>
    public void Expect(string sql, params ReadOnlySpan<(string Name, long Value)> parameters)
    {
        if (_connection is SqliteConnection)
        {
            throw new NotSupportedException("An only writer knows what it wrote.");
        }

        // To divide by zero is how a statement fails without a function of ours in the database.
        var command = new NpgsqlBatchCommand($"WITH found AS ({sql} RETURNING 1) SELECT 1 / COUNT(*) FROM found");
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter<long>(name, value));
        }

        StorageMetrics.CountWrites(1);
        Waiting.BatchCommands.Add(command);
        _expects = true;
    }

    /// <summary>Runs a statement over rows, in as many parts as its limit asks for; each is kept prepared.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="values">The values of all rows, one row behind the other; null is SQL NULL.</param>
    public void ExecuteRows(RowStatement statement, IReadOnlyList<object?> values)
    {
        var rows = values.Count / statement.Columns.Count;
        var rowsMax = _connection is SqliteConnection ? RowStatement.ValuesRowsMax : PostgresRows.RowsMax;
        for (var done = 0; done < rows; done += rowsMax)
        {
            var count = Math.Min(rows - done, rowsMax);
            StorageMetrics.CountWrites(1);
            if (_connection is SqliteConnection sqlite)
            {
                Prepared(sqlite, statement, count).Execute(values, done * statement.Columns.Count);
            }
            else
            {
                if (statement.FindsRows)
                {
                    PlanAnew();
                }

                Waiting.BatchCommands.Add(PostgresRows.Command(statement, values, done, count));
            }
        }
    }

    /// <summary>Runs a statement through Dapper. Returns the number of rows touched.</summary>
    public int Execute(string sql, object? parameters = null)
    {
        PlanAnew();
        Flush();
        StorageMetrics.CountWrites(1);
        return _connection.Execute(sql, parameters, _transaction);
    }

    /// <summary>Reads rows inside the transaction.</summary>
    public IReadOnlyList<T> Query<T>(string sql, object? parameters = null)
    {
        PlanAnew();
        Flush();
        StorageMetrics.CountWrites(1);
        return _connection.Query<T>(sql, parameters, _transaction).AsList();
    }

    /// <summary>Reads at most one row inside the transaction.</summary>
    public T? QuerySingleOrDefault<T>(string sql, object? parameters = null)
    {
        PlanAnew();
        Flush();
        StorageMetrics.CountWrites(1);
        return _connection.QuerySingleOrDefault<T>(sql, parameters, _transaction);
    }

    public void Dispose()
    {
        _waiting?.Dispose();
        foreach (var statement in _preparedForSqlite.Values)
        {
            statement.Dispose();
        }

        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    /// <summary>Starts the transaction of a group.</summary>
    internal DbTransaction Begin(IDatabaseEngine engine)
    {
        (_plansAnew, _expects) = (false, false);
        return _transaction = engine.BeginWrite(_connection);
    }

    /// <summary>Commits, in one round trip with what waits.</summary>
    internal void Commit()
    {
        if (_waiting is null)
        {
            _transaction!.Commit();
            return;
        }

        // When a statement fails, the server runs nothing that follows it in the same round trip.
        _waiting.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        Flush();
    }

    /// <summary>
    /// True when an error of <see cref="Commit"/> says for sure that nothing is committed: the server refused something and
    /// went on with its connection. Anything else may have happened after the commit reached the disk.
    /// </summary>
    internal static bool IsRefusal(Exception exception) => exception is PostgresException { InvariantSeverity: "ERROR" } or OvertakenException;

    /// <summary>
    /// For the rest of the transaction PostgreSQL plans each statement for the tables as they are. The plan of a prepared
    /// statement outlives them: made while <c>deliveries</c> was nearly empty, it reads all of it while 100,000 rows come.
    /// </summary>
    private void PlanAnew()
    {
        if (_plansAnew || _connection is SqliteConnection)
        {
            return;
        }

        StorageMetrics.CountWrites(1);
        Waiting.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL plan_cache_mode = force_custom_plan"));
        _plansAnew = true;
    }

    /// <summary>Runs what waits.</summary>
    private void Flush()
    {
        if (_waiting is null)
        {
            return;
        }

        using var batch = _waiting;
        _waiting = null;
        try
        {
            batch.ExecuteNonQuery();
        }
        catch (PostgresException exception) when (_expects && exception.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            throw new OvertakenException(exception);
        }
    }

    private NpgsqlBatch Waiting => _waiting ??= new NpgsqlBatch((NpgsqlConnection)_connection);

    private SqliteStatement Prepared(SqliteConnection connection, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        StorageMetrics.CountWrites(1);
        if (!_preparedForSqlite.TryGetValue(sql, out var statement))
        {
            var names = new string[parameters.Length];
            for (var i = 0; i < names.Length; i++)
            {
                names[i] = parameters[i].Name;
            }

            statement = new SqliteStatement(connection, sql, names);
            _preparedForSqlite.Add(sql, statement);
        }

        return statement;
    }

    private DbCommand Prepared(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        Flush();
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }

            _prepared.Add(sql, command);
        }

        command.Transaction = _transaction;
        StorageMetrics.CountWrites(1);
        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }

    private SqliteStatement Prepared(SqliteConnection connection, RowStatement statement, int rows)
    {
        var sql = statement.ValuesText(rows);
        if (!_preparedForSqlite.TryGetValue(sql, out var prepared))
        {
            prepared = new SqliteStatement(connection, sql, statement.ValuesParameters(rows));
            _preparedForSqlite.Add(sql, prepared);
        }

        return prepared;
    }
}
