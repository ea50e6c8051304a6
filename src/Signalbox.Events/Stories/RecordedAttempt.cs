namespace Signalbox.Events.Stories;

/// <summary>One event's part of an attempt, as its story keeps it. A batch has one for each of its events.</summary>
internal sealed record RecordedAttempt
{
    public required long EventSequence { get; init; }

    public required long RegistrationKey { get; init; }

    /// <summary>When the first attempt of this series started; a replay begins another series.</summary>
    public required DateTimeOffset SeriesAt { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    /// <summary>0 for a first attempt.</summary>
    public required int RetryCount { get; init; }

    public required string DeliveryId { get; init; }

    /// <summary>The HTTP status, or a 6xx code.</summary>
    public required int Code { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>The activation that answered, when the endpoint was a runtime action's handler.</summary>
    public string? ActivationId { get; init; }

    /// <summary>The replay that owed the event; null when it was an ordinary delivery.</summary>
    public string? ReplayId { get; init; }

    /// <summary>How many attempts of the event for its registration are kept that were made before it; known of what was read.</summary>
    public int Earlier { get; init; }
}
