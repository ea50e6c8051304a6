using System.Globalization;
using System.Text;

namespace Signalbox.Storage;

/// <summary>A statement over a list of rows, such as <c>INSERT … VALUES (…), (…)</c>; its text follows the number of rows.</summary>
public sealed class RowStatement
{
    /// <summary>Rows of one statement. Each number of rows is a statement of its own that is kept prepared.</summary>
    public const int RowsMax = 64;

    private readonly string _before;
    private readonly CompositeFormat _row;
    private readonly string _separator;
    private readonly string _after;
    private readonly string?[] _texts = new string?[RowsMax + 1];

    /// <summary>Describes the statement.</summary>
    /// <param name="before">What stands before the rows.</param>
    /// <param name="row">One row, with <c>{0}</c>, <c>{1}</c> … where its values go.</param>
    /// <param name="separator">What stands between two rows.</param>
    /// <param name="after">What stands behind the rows.</param>
    public RowStatement(string before, string row, string separator = ", ", string after = "")
    {
        (_before, _row, _separator, _after) = (before, CompositeFormat.Parse(row), separator, after);
        Columns = _row.MinimumArgumentCount;
    }

    /// <summary>Values of one row.</summary>
    public int Columns { get; }

    /// <summary>The statement for so many rows, with parameters <c>@p0</c>, <c>@p1</c> … in the order of the values.</summary>
    internal string TextFor(int rows) => _texts[rows] ??= Write(rows);

    /// <summary>The names of its parameters, without <c>@</c>.</summary>
    internal IReadOnlyList<string> ParametersFor(int rows) =>
        [.. Enumerable.Range(0, Math.Min(rows, RowsMax) * Columns).Select(i => $"p{i}")];

    private string Write(int rows)
    {
        var text = new StringBuilder(_before);
        var names = new object[Columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                names[column] = $"@p{(row * Columns) + column}";
            }

            text.Append(row == 0 ? "" : _separator).AppendFormat(CultureInfo.InvariantCulture, _row, names);
        }

        return text.Append(_after).ToString();
    }
}
