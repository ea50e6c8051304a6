namespace Signalbox.Events.Replays;

/// <summary>A job that delivers events again to one registration. Its row is the truth; it survives restarts.</summary>
public sealed record Replay
{
    /// <summary>In the order of time.</summary>
    public required long Key { get; init; }

    public required string Id { get; init; }

    public required long RegistrationKey { get; init; }

    public required string Kind { get; init; }

    /// <summary>What was asked for, for people: JSON.</summary>
    public required string Asked { get; init; }

    /// <summary>Only dead letters of this reason; null: any.</summary>
    public string? Reason { get; init; }

    /// <summary>Only events that were received from then on; null: any.</summary>
    public DateTimeOffset? ReceivedFrom { get; init; }

    /// <summary>Only events that were received before then; null: any.</summary>
    public DateTimeOffset? ReceivedBefore { get; init; }

    public required ReplayState State { get; init; }

    /// <summary>The last journal position or dead letter that was looked at.</summary>
    public required long Cursor { get; init; }

    /// <summary>The last one that is meant.</summary>
    public required long Until { get; init; }

    /// <summary>How many were meant when it began.</summary>
    public required long Total { get; init; }

    /// <summary>Deliveries that it owed.</summary>
    public required long Queued { get; init; }

    /// <summary>Events that were being delivered already, or that had expired.</summary>
    public required long Skipped { get; init; }

    /// <summary>Of those it owed: ended without success.</summary>
    public required long Failed { get; init; }

    /// <summary>Of those it owed: not ended yet. Counted when it is read; 0 once it has ended.</summary>
    public long Outstanding { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Of those it owed: ended with success.</summary>
    public long Delivered => Math.Max(0, Queued - Outstanding - Failed);

    /// <summary>Everything that was meant has been looked at.</summary>
    public bool IsExhausted => Cursor >= Until;
}
