using System.Diagnostics.Metrics;

namespace Signalbox.Events.Holdings;

/// <summary>Gauges of what was counted last, so that reading them costs nothing; before the first count there are none.</summary>
internal static class HoldingMetrics
{
    private static Holding? _last;

    static HoldingMetrics()
    {
        EventsMetrics.Meter.CreateObservableGauge(
            "signalbox.events.deliveries.owed", () => Read(held => [new(held.Deliveries)]), "{delivery}", "Deliveries that are owed, retries that wait included.");
        EventsMetrics.Meter.CreateObservableGauge(
            "signalbox.events.dead_letters.kept", () => Read(held => [new(held.DeadLetters)]), "{delivery}", "Dead letters that can be redriven.");
        EventsMetrics.Meter.CreateObservableGauge(
            "signalbox.events.notices.failing", () => Read(held => [new(held.FailingNotices)]), "{notice}", "Notices that a channel refused and that are tried again.");
        EventsMetrics.Meter.CreateObservableGauge(
            "signalbox.events.registrations", () => Read(held => [.. held.Registrations.Select(of => new Measurement<long>(
                of.Value, new KeyValuePair<string, object?>("state", of.Key.ToString().ToLowerInvariant())))]),
            "{registration}", "Registrations by their state.");
    }

    /// <summary>A process has one counter; the gauges tell of the newest count.</summary>
    public static void Tell(Holding held) => _last = held;

    private static IReadOnlyList<Measurement<long>> Read(Func<Holding, IReadOnlyList<Measurement<long>>> values) =>
        _last is { } held ? values(held) : [];
}
