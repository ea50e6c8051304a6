using System.Globalization;

namespace Signalbox.WebConsole.Components;

/// <summary>Spans of time for people.</summary>
internal static class Durations
{
    /// <summary>Such as <c>12 ms</c>, <c>1.24 s</c> or <c>2 min 5 s</c>.</summary>
    public static string Show(TimeSpan span) => span switch
    {
        { TotalMilliseconds: < 1_000 } => $"{(long)span.TotalMilliseconds} ms",
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.##} s"),
        { TotalMinutes: < 60 } => span.Seconds == 0 ? $"{(int)span.TotalMinutes} min" : $"{(int)span.TotalMinutes} min {span.Seconds} s",
        _ => span.Minutes == 0 ? $"{(int)span.TotalHours} h" : $"{(int)span.TotalHours} h {span.Minutes} min",
    };
}
