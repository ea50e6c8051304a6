namespace Signalbox.Events.Stories;

/// <summary>A replay that has to do with the event, in a story.</summary>
public sealed record ReplayStory
{
    public required string Id { get; init; }

    /// <summary><c>event</c>, <c>failed</c> or <c>range</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>running</c>, <c>paused</c>, <c>cancelling</c>, <c>cancelled</c> or <c>done</c>.</summary>
    public required string State { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What it does next for the event, in one sentence.</summary>
    public required string Next { get; init; }
}
