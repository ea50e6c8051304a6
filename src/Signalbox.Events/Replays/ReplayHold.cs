namespace Signalbox.Events.Replays;

/// <summary>Why a replay does not go on.</summary>
internal sealed record ReplayHold
{
    /// <summary>
    /// <c>not_delivered_to</c> (its registration is disabled or waits for its challenge), <c>behind_replay</c>, <c>retry</c>
    /// (all that it still owes failed and is tried again), or what holds up the registration's deliveries, as stories word it:
    /// <c>endpoint_pause</c>, <c>in_order</c>, <c>rate_limit</c>, <c>slow_pace</c>, <c>outcome_unkept</c>.
    /// </summary>
    public required string Reason { get; init; }

    /// <summary>When that is over; absent when nobody knows.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The replay that goes first; only with <c>behind_replay</c>.</summary>
    public string? BehindReplayId { get; init; }

    /// <summary>The same in one sentence.</summary>
    public required string Why { get; init; }
}
