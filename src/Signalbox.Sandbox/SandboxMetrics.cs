using System.Diagnostics.Metrics;

namespace Signalbox.Sandbox;

internal static class SandboxMetrics
{
    public const string MeterName = "Signalbox.Sandbox";

    private static readonly Meter _meter = new(MeterName);

    public static readonly Counter<long> Starts = _meter.CreateCounter<long>(
        "signalbox.sandbox.starts",
        unit: "{activation}",
        description: "Activations by how they found their process: cold, prewarmed or warm.");

    public static readonly Counter<long> Evicted = _meter.CreateCounter<long>(
        "signalbox.sandbox.evicted",
        unit: "{process}",
        description: "Idle processes that were ended to make room for another action.");

    public static readonly Counter<long> Refused = _meter.CreateCounter<long>(
        "signalbox.sandbox.refused",
        unit: "{activation}",
        description: "Activations for which no place was free in time.");

    public static readonly Histogram<double> QueueTime = _meter.CreateHistogram<double>(
        "signalbox.sandbox.queue.duration",
        unit: "s",
        description: "Time that activations waited for a place; those that found one at once are not counted.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60] });

    public static readonly UpDownCounter<int> Processes = _meter.CreateUpDownCounter<int>(
        "signalbox.sandbox.processes",
        unit: "{process}",
        description: "Processes that exist, pre-started ones included.");

    public static readonly KeyValuePair<string, object?> Cold = new("start", "cold");
    public static readonly KeyValuePair<string, object?> Prewarmed = new("start", "prewarmed");
    public static readonly KeyValuePair<string, object?> Warm = new("start", "warm");
}
