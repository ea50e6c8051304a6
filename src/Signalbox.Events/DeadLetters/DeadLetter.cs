namespace Signalbox.Events.DeadLetters;

/// <summary>A delivery that ended without success.</summary>
public sealed record DeadLetter
{
    /// <summary>In the order of time; its public id. 0 before it is stored.</summary>
    public long Key { get; init; }

    public required long RegistrationKey { get; init; }

    public required long EventSequence { get; init; }

    public required DeadLetterReason Reason { get; init; }

    /// <summary>The HTTP status or 6xx code of the last attempt; null when it is not known.</summary>
    public int? LastCode { get; init; }

    public required int Attempts { get; init; }

    public DateTimeOffset? FirstAttemptAt { get; init; }

    public required DateTimeOffset DeadAt { get; init; }

    /// <summary>The id of the last attempt, by which its trace is found.</summary>
    public string? LastDeliveryId { get; init; }

    /// <summary>The replay that owed it; null when it was an ordinary delivery.</summary>
    public string? ReplayId { get; init; }
}
