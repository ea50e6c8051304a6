using System.Diagnostics;
using System.Diagnostics.Metrics;
using Signalbox.Runtime.Activations;

namespace Signalbox.Runtime;

/// <summary>What the room tells of itself. Labels are bounded: a status has four values.</summary>
internal static class RuntimeMetrics
{
    public static readonly ActivitySource Source = new("Signalbox.Runtime");

    private static readonly Meter _meter = new("Signalbox.Runtime");

    private static readonly Counter<long> _activations = _meter.CreateCounter<long>(
        "signalbox.activations", description: "Activations that ended, by status");

    private static readonly Histogram<double> _durations = _meter.CreateHistogram<double>(
        "signalbox.activation.duration", "s", "Duration of activations", tags: null,
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 10800],
        });

    private static readonly KeyValuePair<string, object?>[] _labels =
        [.. Enum.GetNames<ActivationStatus>().Select(name => new KeyValuePair<string, object?>("status", name))];

    public static void Ended(Activation activation)
    {
        var label = _labels[(int)activation.Status];
        _activations.Add(1, label);
        _durations.Record(activation.DurationMs / 1000.0, label);
    }
}
