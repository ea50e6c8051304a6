using System.Text;

namespace Signalbox.Storage;

/// <summary>
/// A statement over a list of rows. The rows stand where a <c>SELECT</c> could stand:
/// <c>INSERT INTO t (a, b) ⟨rows⟩ ON CONFLICT …</c>, or <c>DELETE FROM t WHERE (a, b) IN (SELECT * FROM (⟨rows⟩) AS r)</c>.
/// </summary>
/// <remarks>
/// SQLite is given <c>VALUES (…), (…)</c>, one text for each number of rows. PostgreSQL is given one array a column, so that
/// there is one text for any number of them (up to 512 a statement), which it prepares once.
/// </remarks>
public sealed class RowStatement
{
    /// <summary>Rows that one statement of SQLite takes; each number of them is a text that is kept prepared.</summary>
    internal const int ValuesRowsMax = 64;

    private readonly string _before;
    private readonly string _after;
    private readonly RowColumn[] _columns;
    private readonly string?[] _valuesTexts = new string?[ValuesRowsMax + 1];

    /// <summary>Describes the statement.</summary>
    /// <param name="before">What stands before the rows.</param>
    /// <param name="columns">The types of a row's values.</param>
    /// <param name="after">What stands behind the rows.</param>
    public RowStatement(string before, ReadOnlySpan<RowColumn> columns, string after = "")
    {
        (_before, _columns, _after) = (before.TrimEnd(), columns.ToArray(), after.TrimStart());
        ArraysText = Write($"SELECT * FROM unnest({string.Join(", ", _columns.Select((column, i) => $"${i + 1}::{PostgresRows.TypeOf(column)}[]"))})");
    }

    /// <summary>The types of a row's values.</summary>
    public IReadOnlyList<RowColumn> Columns => _columns;

    /// <summary>It looks for rows, so that its plan has to fit the table as it is.</summary>
    internal bool FindsRows => !_before.StartsWith("INSERT", StringComparison.Ordinal);

    /// <summary>The statement over arrays, one a column, with parameters <c>$1</c>, <c>$2</c> …</summary>
    internal string ArraysText { get; }

    /// <summary>The statement over so many rows, with parameters <c>@p0</c>, <c>@p1</c> … in the order of the values.</summary>
    internal string ValuesText(int rows) => _valuesTexts[rows] ??= WriteValues(rows);

    /// <summary>The names of its parameters, without <c>@</c>.</summary>
    internal IReadOnlyList<string> ValuesParameters(int rows) => [.. Enumerable.Range(0, rows * _columns.Length).Select(i => $"p{i}")];

    private string WriteValues(int rows)
    {
        var text = new StringBuilder("VALUES ");
        for (var row = 0; row < rows; row++)
        {
            text.Append(row == 0 ? "(" : ", (")
                .AppendJoin(", ", Enumerable.Range(row * _columns.Length, _columns.Length).Select(i => $"@p{i}"))
                .Append(')');
        }

        return Write(text.ToString());
    }

    private string Write(string rows) => $"{_before} {rows} {_after}".TrimEnd();
}
