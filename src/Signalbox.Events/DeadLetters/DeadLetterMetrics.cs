using System.Diagnostics.Metrics;

namespace Signalbox.Events.DeadLetters;

internal static class DeadLetterMetrics
{
    private static readonly Counter<long> _buried = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.dead_letters", "{delivery}", "Deliveries that ended without success.");

    public static readonly Counter<long> Dropped = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.dead_letters.dropped", "{delivery}", "Dead letters that were dropped because their registration had too many.");

    public static readonly Counter<long> Expired = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.dead_letters.expired", "{delivery}", "Dead letters that were kept for their time and not redriven.");

    /// <summary>Counts deliveries that are dead letters now, once that is committed. Label: the <c>reason</c>, as the API names it.</summary>
    public static void Count(IEnumerable<DeadLetter> letters)
    {
        foreach (var (reason, count) in letters.CountBy(letter => letter.Reason))
        {
            _buried.Add(count, new KeyValuePair<string, object?>("reason", DeadLetterWords.Of(reason)));
        }
    }
}
