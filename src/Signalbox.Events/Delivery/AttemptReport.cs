namespace Signalbox.Events.Delivery;

/// <summary>What the dispatcher learns of an attempt whose outcome is kept.</summary>
internal sealed record AttemptReport
{
    /// <summary>When the response, or what stands for it, was there. The other times count from it.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>How it ended; null when there was nothing left to send.</summary>
    public AttemptOutcome? Outcome { get; init; }

    /// <summary>What follows for each delivery of the parcel, in their order.</summary>
    public required IReadOnlyList<DeliveryStep> Steps { get; init; }

    /// <summary>The endpoint asks not to be called before; never earlier than it said.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When the first of its deliveries is due again; null when none is.</summary>
    public DateTimeOffset? RetryAt => Steps.OfType<DeliveryStep.RetryAt>().Select(step => (DateTimeOffset?)step.At).Min();
}
