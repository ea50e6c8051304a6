using Signalbox.Events.DeadLetters;
using Signalbox.Events.Tracing;

namespace Signalbox.Events.Delivery;

/// <summary>What is kept of an attempt.</summary>
internal sealed record EndedAttempt
{
    /// <summary>The deliveries of the parcel.</summary>
    public required IReadOnlyList<EndedDelivery> Deliveries { get; init; }

    /// <summary>Those of them that end without success.</summary>
    public IReadOnlyList<DeadLetter> Letters { get; init; } = [];

    /// <summary>To be used again by retries; null when they make new ones.</summary>
    public string? Signatures { get; init; }

    /// <summary>The trace of an error, for the same commit; null when there is none to write now.</summary>
    public PreparedTrace? Trace { get; init; }

    /// <summary>The endpoint asked not to be called before, by this or any other delivery.</summary>
    public DateTimeOffset? PauseUntil { get; init; }

    /// <summary>Somebody waits for it: the next event of an ordered registration.</summary>
    public bool IsUrgent { get; init; }
}
