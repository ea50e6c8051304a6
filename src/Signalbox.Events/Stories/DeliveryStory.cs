namespace Signalbox.Events.Stories;

/// <summary>What became of an event for one registration that matched.</summary>
public sealed record DeliveryStory
{
    public required string RegistrationId { get; init; }

    /// <summary>The workspace of the registration.</summary>
    public required string WorkspaceId { get; init; }

    public required string Name { get; init; }

    /// <summary>When the registration was deleted; absent while it is not.</summary>
    public DateTimeOffset? RegistrationDeletedAt { get; init; }

    public required string DeliveryType { get; init; }

    /// <summary>The webhook URL or the runtime action; absent for journal registrations.</summary>
    public string? Target { get; init; }

    /// <summary><see cref="StoryState"/> in words.</summary>
    public required string State { get; init; }

    /// <summary>What comes next, in one sentence.</summary>
    public required string Next { get; init; }

    /// <summary>When the next attempt is due, or may start when it is held; absent when that has no time.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>What the next attempt waits for besides its own time; absent when for nothing.</summary>
    public HeldStory? Held { get; init; }

    /// <summary>The <c>x-adobe-retry-count</c> of the next attempt; absent for a first one.</summary>
    public int? NextRetryCount { get; init; }

    /// <summary>When no retry starts any more.</summary>
    public DateTimeOffset? RetriesEndAt { get; init; }

    /// <summary>Retries in the middle of the latest series, when it is long: they are not kept.</summary>
    public int? AttemptsLeftOut { get; init; }

    /// <summary>Attempts before the first one that is told, because there are so many of redrives and replays; absent when there are none.</summary>
    public int? EarlierAttemptsLeftOut { get; init; }

    public required IReadOnlyList<AttemptStory> Attempts { get; init; }

    /// <summary>Each time that it ended without success and was kept for being delivered again; absent when it never was.</summary>
    public IReadOnlyList<DeadLetterStory>? DeadLetters { get; init; }

    /// <summary>The replays that delivered the event again, or will; absent when there are none.</summary>
    public IReadOnlyList<ReplayStory>? Replays { get; init; }
}
