namespace Signalbox.Events.Stories;

/// <summary>One attempt, in a story.</summary>
public sealed record AttemptStory
{
    public required DateTimeOffset AttemptedAt { get; init; }

    public required int RetryCount { get; init; }

    /// <summary>The <c>id</c> of its trace, while that is kept.</summary>
    public required string DeliveryId { get; init; }

    /// <summary>The HTTP status, or a 6xx code.</summary>
    public required int Code { get; init; }

    /// <summary>What the code means for the delivery, and whether a retry follows.</summary>
    public required string Meaning { get; init; }

    /// <summary>Why no HTTP answer came (6xx), in one line, as its trace tells it; absent when one came or the trace is gone.</summary>
    public string? Explanation { get; init; }

    public required long DurationMs { get; init; }

    /// <summary>The replay that owed the event; absent for an ordinary delivery.</summary>
    public string? ReplayId { get; init; }

    public IReadOnlyList<StoryActivation>? Activations { get; init; }
}
