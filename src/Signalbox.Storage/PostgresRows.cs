using Npgsql;
using NpgsqlTypes;

namespace Signalbox.Storage;

/// <summary>Rows as PostgreSQL takes them: one array for each column.</summary>
internal static class PostgresRows
{
    /// <summary>Rows that one statement takes.</summary>
    public const int RowsMax = 512;

    public static string TypeOf(RowColumn column) => column switch
    {
        RowColumn.BigInt => "bigint",
        RowColumn.Integer => "integer",
        RowColumn.Text => "text",
        RowColumn.Bytes => "bytea",
        RowColumn.Boolean => "boolean",
        _ => throw new ArgumentOutOfRangeException(nameof(column)),
    };

    /// <summary>The statement over some of the rows.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="values">The values of all rows, one row behind the other.</param>
    /// <param name="first">The first row to take.</param>
    /// <param name="count">How many rows to take.</param>
    public static NpgsqlBatchCommand Command(RowStatement statement, IReadOnlyList<object?> values, int first, int count)
    {
        var command = new NpgsqlBatchCommand(statement.ArraysText);
        for (var column = 0; column < statement.Columns.Count; column++)
        {
            var rows = new Column(values, first, count, column, statement.Columns.Count);
            command.Parameters.Add(statement.Columns[column] switch
            {
                RowColumn.BigInt => rows.ToParameter<long?>(NpgsqlDbType.Bigint, value => Convert.ToInt64(value, null)),
                RowColumn.Integer => rows.ToParameter<int?>(NpgsqlDbType.Integer, value => (int)value),
                RowColumn.Text => rows.ToParameter(NpgsqlDbType.Text, value => (string)value),
                RowColumn.Bytes => rows.ToParameter(NpgsqlDbType.Bytea, value => value is ReadOnlyMemory<byte> bytes ? bytes.ToArray() : (byte[])value),
                _ => rows.ToParameter<bool?>(NpgsqlDbType.Boolean, value => (bool)value),
            });
        }

        return command;
    }

    private readonly record struct Column(IReadOnlyList<object?> Values, int First, int Count, int Number, int Columns)
    {
        public NpgsqlParameter ToParameter<T>(NpgsqlDbType type, Func<object, T> read)
        {
            var array = new T?[Count];
            for (var row = 0; row < Count; row++)
            {
                array[row] = Values[((First + row) * Columns) + Number] is { } value ? read(value) : default;
            }

            return new NpgsqlParameter<T?[]> { TypedValue = array, NpgsqlDbType = NpgsqlDbType.Array | type };
        }
    }
}
