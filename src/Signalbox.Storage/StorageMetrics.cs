using System.Diagnostics.Metrics;

namespace Signalbox.Storage;

internal static class StorageMetrics
{
    public const string MeterName = "Signalbox.Storage";

    private static readonly Meter _meter = new(MeterName);

    public static readonly Histogram<int> GroupSize = _meter.CreateHistogram<int>(
        "signalbox.storage.group_commit.operations",
        unit: "{operation}",
        description: "Write operations that shared one commit.");
}
