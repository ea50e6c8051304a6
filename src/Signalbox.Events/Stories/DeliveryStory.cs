namespace Signalbox.Events.Stories;

/// <summary>What became of an event for one registration that matched.</summary>
public sealed record DeliveryStory
{
    public required string RegistrationId { get; init; }

    /// <summary>The workspace of the registration.</summary>
    public required string WorkspaceId { get; init; }

    public required string Name { get; init; }

    public required string DeliveryType { get; init; }

    /// <summary>The webhook URL or the runtime action; absent for journal registrations.</summary>
    public string? Target { get; init; }

    /// <summary><see cref="StoryState"/> in words.</summary>
    public required string State { get; init; }

    /// <summary>What comes next, in one sentence.</summary>
    public required string Next { get; init; }

    /// <summary>When the next attempt is due.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The <c>x-adobe-retry-count</c> of the next attempt; absent for a first one.</summary>
    public int? NextRetryCount { get; init; }

    /// <summary>When no retry starts any more.</summary>
    public DateTimeOffset? RetriesEndAt { get; init; }

    /// <summary>Retries in the middle of a long series, which are not kept.</summary>
    public int? AttemptsLeftOut { get; init; }

    public required IReadOnlyList<AttemptStory> Attempts { get; init; }

    /// <summary>Each time that it ended without success and was kept for being delivered again; absent when it never was.</summary>
    public IReadOnlyList<DeadLetterStory>? DeadLetters { get; init; }

    /// <summary>The replays that delivered the event again, or will; absent when there are none.</summary>
    public IReadOnlyList<ReplayStory>? Replays { get; init; }
}
