using System.Diagnostics.Metrics;

namespace Signalbox.Events.DeadLetters;

internal static class DeadLetterMetrics
{
    /// <summary>Label: <c>outcome</c> of the last attempt (rejected, failed).</summary>
    public static readonly Counter<long> Buried = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.dead_letters", "{delivery}", "Deliveries that ended without success.");

    public static readonly Counter<long> Dropped = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.dead_letters.dropped", "{delivery}", "Dead letters that were dropped because their registration had too many.");
}
