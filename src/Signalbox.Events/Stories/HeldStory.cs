namespace Signalbox.Events.Stories;

/// <summary>What an owed delivery waits for besides its own time, in a story.</summary>
public sealed record HeldStory
{
    /// <summary>
    /// <c>endpoint_pause</c> (Retry-After), <c>in_order</c>, <c>rate_limit</c>, <c>slow_pace</c> (its endpoint failed many
    /// times in a row) or <c>outcome_unkept</c> (the database did not take the last one).
    /// </summary>
    public required string Reason { get; init; }

    /// <summary>When the registration's next request may start; absent when nobody knows.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The event that goes first; only with <c>in_order</c>.</summary>
    public string? BehindEventId { get; init; }
}
