using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Delivery;

/// <summary>One event owed to one registration, while it is held in memory. Its row in <c>deliveries</c> is the truth.</summary>
internal sealed record OwedDelivery
{
    public required AcceptedEvent Accepted { get; init; }

    public required Registration Registration { get; init; }

    /// <summary>0 when the next attempt is the first.</summary>
    public int RetryCount { get; init; }

    /// <summary>When the first attempt started; null before it.</summary>
    public DateTimeOffset? FirstAttemptAt { get; init; }

    /// <summary>Until when no other node takes the row.</summary>
    public required DateTimeOffset ClaimedUntil { get; init; }

    /// <summary>The signatures of an earlier attempt (<see cref="Signing.PayloadSignatures.Write"/>); null when there are none to use again.</summary>
    public string? Signatures { get; init; }

    /// <summary>The replay that owes it again; null when it is an ordinary delivery.</summary>
    public string? ReplayId { get; init; }

    public DeliveryKey Key => new(Registration.Key, Accepted.Sequence);
}
