using Signalbox.Events.DeadLetters;
using Signalbox.Storage;

namespace Signalbox.Events.Delivery;

/// <summary>What is kept of an attempt.</summary>
internal sealed record EndedAttempt
{
    /// <summary>Each delivery of the parcel, when its first attempt started, and what follows.</summary>
    public required IReadOnlyList<(DeliveryKey Key, DateTimeOffset FirstAttemptAt, DeliveryStep Step)> Deliveries { get; init; }

    /// <summary>Those of them that end without success.</summary>
    public IReadOnlyList<DeadLetter> Letters { get; init; } = [];

    /// <summary>To be used again by retries; null when they make new ones.</summary>
    public string? Signatures { get; init; }

    /// <summary>Writes the trace of an error in the same commit; null when there is none to write now.</summary>
    public Action<WriteSession>? WriteTrace { get; init; }
}
