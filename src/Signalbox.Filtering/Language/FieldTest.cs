using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Language;

/// <summary>One path and the list of entries of which one has to accept one of the values there.</summary>
internal sealed class FieldTest
{
    private readonly ValueTest[] _valueTests;

    public FieldTest(string path, IReadOnlyList<ValueTest> entries)
    {
        Path = path;
        Segments = Array.ConvertAll(path.Split('.'), Wtf8.Encode);
        AcceptsAbsence = entries.Any(entry => entry is ValueTest.Absent);
        ValueEntries = [.. entries.Where(entry => entry is not ValueTest.Absent)];
        _valueTests = [.. ValueTest.Grouped(ValueEntries)];
    }

    /// <summary>Member names joined by dots; a dot in a name separates like any other.</summary>
    public string Path { get; }

    /// <summary>The names of the path, as bytes that compare with an event's.</summary>
    public byte[][] Segments { get; }

    /// <summary>The list holds <c>{"exists": false}</c>.</summary>
    public bool AcceptsAbsence { get; }

    /// <summary>The entries of the list that look at a value.</summary>
    public ValueTest[] ValueEntries { get; }

    public bool Accepts(ref LeafValue value)
    {
        foreach (var test in _valueTests)
        {
            if (test.Accepts(ref value)) return true;
        }
        return false;
    }
}
