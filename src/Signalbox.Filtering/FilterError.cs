namespace Signalbox.Filtering;

/// <summary>Why a text is not a filter, in the words of the reference compiler (events behaviour, section 13.5).</summary>
public sealed record FilterError
{
    /// <summary>What is wrong, naming the offending value.</summary>
    public required string Message { get; init; }

    /// <summary>The dotted path of the field the error belongs to; empty at the top level.</summary>
    public required string Path { get; init; }

    /// <summary>Line of the offending token, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Column of the offending token in its line, from 1, in UTF-16 code units.</summary>
    public required int Column { get; init; }

    /// <summary>The message with its place, ready to be shown to the author of the filter.</summary>
    public override string ToString() => Path.Length == 0
        ? $"{Message} (line {Line}, column {Column})"
        : $"{Message} (at {Path}, line {Line}, column {Column})";
}
