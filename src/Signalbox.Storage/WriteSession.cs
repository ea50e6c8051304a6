using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Signalbox.Storage;

/// <summary>
/// What a write operation sees of the database: the transaction of the group commit that carries it. An operation
/// may be run a second time (when another one of its group failed), so it must not touch anything but the
/// session and its own result.
/// </summary>
public sealed class WriteSession : IDisposable
{
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteStatement> _preparedForSqlite = new(StringComparer.Ordinal);

    internal WriteSession(DbConnection connection) => Connection = connection;

    /// <summary>The writer's connection, for Dapper. Pass <see cref="Transaction"/> with every call.</summary>
    public DbConnection Connection { get; }

    /// <summary>The transaction of the group commit.</summary>
    public DbTransaction Transaction { get; internal set; } = null!;

    /// <summary>Runs a statement that is kept prepared; for hot paths. Returns the number of rows touched.</summary>
    /// <param name="sql">A constant text: each distinct one is kept prepared for the connection's life.</param>
    /// <param name="parameters">Names without <c>@</c>, and values; null is SQL NULL.</param>
    public int ExecutePrepared(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Connection is SqliteConnection sqlite
            ? Prepared(sqlite, sql, parameters).Execute(parameters)
            : Prepared(sql, parameters).ExecuteNonQuery();

    /// <summary>Runs a prepared statement and returns the first column of the first row, or default.</summary>
    public T? ScalarPrepared<T>(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var value = Connection is SqliteConnection sqlite
            ? Prepared(sqlite, sql, parameters).Scalar(parameters)
            : Prepared(sql, parameters).ExecuteScalar();
        return value is null or DBNull
            ? default
            : (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), null);
    }

    /// <summary>Runs a statement over rows, in as many parts as its limit asks for; each size is kept prepared.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="values">The values of all rows, one row behind the other; null is SQL NULL.</param>
    public void ExecuteRows(RowStatement statement, IReadOnlyList<object?> values)
    {
        var rows = values.Count / statement.Columns;
        for (var done = 0; done < rows; done += RowStatement.RowsMax)
        {
            var sql = statement.TextFor(Math.Min(rows - done, RowStatement.RowsMax));
            if (Connection is SqliteConnection sqlite)
            {
                PreparedRows(sqlite, statement, sql, rows - done).Execute(values, done * statement.Columns);
                continue;
            }

            var command = PreparedRows(statement, sql, rows - done);
            for (var i = 0; i < command.Parameters.Count; i++)
            {
                command.Parameters[i].Value = values[(done * statement.Columns) + i] ?? DBNull.Value;
            }

            command.ExecuteNonQuery();
        }
    }

    /// <summary>Runs a statement through Dapper. Returns the number of rows touched.</summary>
    public int Execute(string sql, object? parameters = null)
    {
        StorageMetrics.CountWrites(1);
        return Connection.Execute(sql, parameters, Transaction);
    }

    /// <summary>Reads rows inside the transaction.</summary>
    public IReadOnlyList<T> Query<T>(string sql, object? parameters = null)
    {
        StorageMetrics.CountWrites(1);
        return Connection.Query<T>(sql, parameters, Transaction).AsList();
    }

    /// <summary>Reads at most one row inside the transaction.</summary>
    public T? QuerySingleOrDefault<T>(string sql, object? parameters = null)
    {
        StorageMetrics.CountWrites(1);
        return Connection.QuerySingleOrDefault<T>(sql, parameters, Transaction);
    }

    public void Dispose()
    {
        foreach (var statement in _preparedForSqlite.Values)
        {
            statement.Dispose();
        }

        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        Connection.Dispose();
    }

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
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }

            _prepared.Add(sql, command);
        }

        command.Transaction = Transaction;
        StorageMetrics.CountWrites(1);
        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }

    private SqliteStatement PreparedRows(SqliteConnection connection, RowStatement statement, string sql, int rows)
    {
        StorageMetrics.CountWrites(1);
        if (!_preparedForSqlite.TryGetValue(sql, out var prepared))
        {
            prepared = new SqliteStatement(connection, sql, statement.ParametersFor(rows));
            _preparedForSqlite.Add(sql, prepared);
        }

        return prepared;
    }

    private DbCommand PreparedRows(RowStatement statement, string sql, int rows)
    {
        StorageMetrics.CountWrites(1);
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
            command.CommandText = sql;
            foreach (var name in statement.ParametersFor(rows))
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }

            _prepared.Add(sql, command);
        }

        command.Transaction = Transaction;
        return command;
    }
}
