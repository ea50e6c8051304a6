using System.Diagnostics.Metrics;

namespace Signalbox.Events.Delivery;

internal static class DeliveryMetrics
{
    private static WeakReference<Dispatcher>? _observed;

    /// <summary>Labels: <c>outcome</c> (delivered, rejected, failed) and <c>code</c> (100, 200 … 500, 601, 602, 604, 611).</summary>
    public static readonly Counter<long> Attempts = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.delivery.attempts", "{attempt}", "Delivery attempts that ended.");

    public static readonly Histogram<double> FirstAttemptDelay = EventsMetrics.Meter.CreateHistogram<double>(
        "signalbox.events.delivery.first_attempt_delay", "s", "From the acceptance of an event to its first attempt.", tags: null,
        new InstrumentAdvice<double>
        {
            // A delivery waits up to 24 hours for its first attempt.
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 28800, 86400],
        });

    public static readonly Counter<long> DeliveredEvents = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.delivery.delivered", "{event}", "Events that endpoints took; a batch counts each of its events.");

    public static readonly Histogram<int> ParcelEvents = EventsMetrics.Meter.CreateHistogram<int>(
        "signalbox.events.delivery.request.events", "{event}", "Events that one request carried.", tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 3, 5, 8, 12, 16, 20] });

    static DeliveryMetrics()
    {
        EventsMetrics.Meter.CreateObservableGauge(
            "signalbox.events.delivery.windows", () => Read(d => d.WindowsOpen), "{attempt}", "Requests that the windows of the registrations in use allow at once.");
        EventsMetrics.Meter.CreateObservableGauge(
            "signalbox.events.delivery.lanes_asleep", () => Read(d => d.LanesAsleep), "{registration}", "Registrations to which nothing is sent before a time: paused, rate-limited or slowed down.");
        EventsMetrics.Meter.CreateObservableGauge(
            "signalbox.events.delivery.in_flight", () => Read(d => d.InFlight), "{attempt}", "Attempts that run now.");
        EventsMetrics.Meter.CreateObservableGauge(
            "signalbox.events.delivery.waiting", () => Read(d => d.Waiting), "{delivery}", "Deliveries in memory that wait for their turn.");
    }

    /// <summary>A process has one dispatcher; the gauges tell of the newest.</summary>
    public static void Observe(Dispatcher dispatcher) => _observed = new WeakReference<Dispatcher>(dispatcher);

    private static int Read(Func<Dispatcher, int> value) =>
        _observed is { } observed && observed.TryGetTarget(out var dispatcher) ? value(dispatcher) : 0;
}
