using System.Diagnostics.Metrics;

namespace Signalbox.Storage;

internal static class StorageMetrics
{
    public const string MeterName = "Signalbox.Storage";

    private static readonly Meter _meter = new(MeterName);

    public static readonly Histogram<int> GroupSize = _meter.CreateHistogram<int>(
        "signalbox.storage.group_commit.operations",
        unit: "{operation}",
        description: "Write operations that shared one commit.",
        tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });

    private static readonly Counter<long> _statements = _meter.CreateCounter<long>(
        "signalbox.storage.statements",
        unit: "{statement}",
        description: "SQL statements, by kind: those of write transactions with their BEGIN and COMMIT, and reads.");

    private static readonly KeyValuePair<string, object?> _write = new("kind", "write");

    private static readonly KeyValuePair<string, object?> _read = new("kind", "read");

    public static void CountWrites(int statements) => _statements.Add(statements, _write);

    /// <summary>A read is counted when its connection is opened.</summary>
    public static void CountReads(int statements) => _statements.Add(statements, _read);
}
