using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Signalbox.Storage;

/// <summary>
/// A prepared statement of the embedded database that is given its values by position. ADO.NET looks each parameter
/// up by its name at every execution, which costs more than the insert of a row does.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int StackBytes = 512;
    private const int BytesPerCharacterMax = 3;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _positions;

    /// <param name="connection">The open connection; the statement belongs to its transactions.</param>
    /// <param name="sql">One statement.</param>
    /// <param name="names">The parameters without <c>@</c>, in the order in which values will come.</param>
    /// <exception cref="SqliteException">The text is no statement of this database.</exception>
    public SqliteStatement(SqliteConnection connection, string sql, IReadOnlyList<string> names)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        _positions = [.. names.Select(name => raw.sqlite3_bind_parameter_index(_statement, "@" + name))];
    }

    /// <summary>Runs it to its end; the number of rows touched.</summary>
    /// <exception cref="SqliteException">The database refused it.</exception>
    public int Execute(ReadOnlySpan<(string Name, object? Value)> values)
    {
        Run(values, out _);
        return raw.sqlite3_changes(_database);
    }

    /// <summary>Runs it to its end; the first column of the first row, or null.</summary>
    /// <exception cref="SqliteException">The database refused it.</exception>
    public object? Scalar(ReadOnlySpan<(string Name, object? Value)> values)
    {
        Run(values, out var first);
        return first;
    }

    /// <summary>Runs it to its end with as many values as it has parameters.</summary>
    /// <exception cref="SqliteException">The database refused it.</exception>
    public void Execute(IReadOnlyList<object?> values, int offset)
    {
        try
        {
            for (var i = 0; i < _positions.Length; i++)
            {
                Check(Bind(_positions[i], values[offset + i]));
            }

            Step(out _);
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Run(ReadOnlySpan<(string Name, object? Value)> values, out object? first)
    {
        try
        {
            for (var i = 0; i < _positions.Length; i++)
            {
                if (_positions[i] > 0)
                {
                    Check(Bind(_positions[i], values[i].Value));
                }
            }

            Step(out first);
        }
        finally
        {
            Reset();
        }
    }

    private void Step(out object? first)
    {
        first = null;
        var isFirst = true;
        int step;
        while ((step = raw.sqlite3_step(_statement)) == raw.SQLITE_ROW)
        {
            first = isFirst ? ReadFirst() : first;
            isFirst = false;
        }

        if (step != raw.SQLITE_DONE)
        {
            Check(step);
        }
    }

    private void Reset()
    {
        // Its error, if any, was reported by the step.
        _ = raw.sqlite3_reset(_statement);
        // What is bound would be kept in memory until the next execution.
        _ = raw.sqlite3_clear_bindings(_statement);
    }

    private object? ReadFirst() => raw.sqlite3_column_type(_statement, 0) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(_statement, 0),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(_statement, 0),
        raw.SQLITE_BLOB => raw.sqlite3_column_blob(_statement, 0).ToArray(),
        _ => raw.sqlite3_column_text(_statement, 0).utf8_to_string(),
    };

    private int Bind(int position, object? value) => value switch
    {
        null or DBNull => raw.sqlite3_bind_null(_statement, position),
        string text => BindText(position, text),
        long number => raw.sqlite3_bind_int64(_statement, position, number),
        int number => raw.sqlite3_bind_int64(_statement, position, number),
        bool truth => raw.sqlite3_bind_int64(_statement, position, truth ? 1 : 0),
        byte[] bytes => BindBytes(position, bytes),
        ReadOnlyMemory<byte> bytes => BindBytes(position, bytes.Span),
        double number => raw.sqlite3_bind_double(_statement, position, number),
        _ => throw new ArgumentException($"A parameter of type {value.GetType()} cannot be stored.", nameof(value)),
    };

    private int BindText(int position, string text)
    {
        if (text.Length > StackBytes / BytesPerCharacterMax)
        {
            return raw.sqlite3_bind_text(_statement, position, Encoding.UTF8.GetBytes(text));
        }

        Span<byte> bytes = stackalloc byte[StackBytes];
        return raw.sqlite3_bind_text(_statement, position, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    /// <summary>No bytes are a value too, which a pointer to nothing would not be.</summary>
    private int BindBytes(int position, ReadOnlySpan<byte> bytes) => bytes.IsEmpty
        ? raw.sqlite3_bind_zeroblob(_statement, position, 0)
        : raw.sqlite3_bind_blob(_statement, position, bytes);

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
