using Signalbox.Identity;

namespace Signalbox.Events.Traffic;

/// <summary>A row of <c>traffic_minutes</c>, or what is to be added to one.</summary>
internal sealed class TrafficRow
{
    public string WorkspaceId { get; init; } = "";

    /// <summary>Since 1970.</summary>
    public long Minute { get; init; }

    public long Published { get; init; }

    public long Delivered { get; init; }

    public long Attempts { get; init; }

    public long Failures { get; init; }

    public long Slow { get; init; }

    public long DurationMs { get; init; }

    public static TrafficRow Of(WorkspaceId workspace, long minute, in TrafficLedger.Count count) => new()
    {
        WorkspaceId = workspace.Value,
        Minute = minute,
        Published = count.Published,
        Delivered = count.Delivered,
        Attempts = count.Attempts,
        Failures = count.Failures,
        Slow = count.Slow,
        DurationMs = count.Milliseconds,
    };

    public TrafficLedger.Count ToCount() => new()
    {
        Published = Published,
        Delivered = Delivered,
        Attempts = Attempts,
        Failures = Failures,
        Slow = Slow,
        Milliseconds = DurationMs,
    };
}
