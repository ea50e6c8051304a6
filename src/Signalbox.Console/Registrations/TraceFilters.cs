using System.Globalization;
using Signalbox.Events.Tracing;

namespace Signalbox.WebConsole.Registrations;

/// <summary>The filters of traces in the words of their choice boxes, which also stand in the address.</summary>
internal static class TraceFilters
{
    public static IReadOnlyList<string> Statuses { get; } = ["Success", "Error"];

    public static IReadOnlyList<string> Times { get; } = ["0-2 sec", "2-4 sec", ">4 sec", ">10 sec"];

    public static IReadOnlyList<string> Retries { get; } = ["Retries only", "All but retries"];

    /// <summary>A word that is none of them asks for nothing.</summary>
    public static TraceQuery Parse(string? status, string? code, string? time, string? retries)
    {
        var (min, max) = IndexOf(Times, time) switch
        {
            0 => ((TimeSpan?)null, (TimeSpan?)TimeSpan.FromSeconds(2)),
            1 => (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)),
            2 => (TimeSpan.FromSeconds(4), null),
            3 => (TimeSpan.FromSeconds(10), null),
            _ => (null, null),
        };
        return new TraceQuery
        {
            IsSuccess = IndexOf(Statuses, status) switch { 0 => true, 1 => false, _ => null },
            Code = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
            DurationMin = min,
            DurationMax = max,
            IsRetry = IndexOf(Retries, retries) switch { 0 => true, 1 => false, _ => null },
        };
    }

    public static string Show(TimeSpan duration) => duration.TotalSeconds < 10
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:N0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:N1} s");

    private static int IndexOf(IReadOnlyList<string> words, string? word)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (string.Equals(words[i], word, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
