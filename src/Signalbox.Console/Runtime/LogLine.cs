namespace Signalbox.WebConsole.Runtime;

/// <summary>A line of an activation's log, taken apart.</summary>
/// <param name="Time">As it was written; empty when the line has no such form.</param>
/// <param name="IsError">It was printed to the standard error stream.</param>
public sealed record LogLine(string Time, bool IsError, string Text)
{
    private const string OutMark = " stdout: ";
    private const string ErrorMark = " stderr: ";
    private const int TimeLength = 30;

    /// <summary>Reads <c>2026-01-01T00:00:00.0000000Z   stdout: text</c>; anything else is a text alone.</summary>
    public static LogLine Parse(string line)
    {
        if (line.Length < TimeLength + OutMark.Length)
        {
            return new LogLine("", false, line);
        }

        var mark = line.AsSpan(TimeLength, OutMark.Length);
        return mark is OutMark || mark is ErrorMark
            ? new LogLine(line[..TimeLength].TrimEnd(), mark is ErrorMark, line[(TimeLength + OutMark.Length)..])
            : new LogLine("", false, line);
    }

    /// <summary>The part of <see cref="Time"/> that tells the lines of a run apart: hours to milliseconds.</summary>
    public string Clock => Time.Length > 23 ? Time[11..23] : Time;
}
