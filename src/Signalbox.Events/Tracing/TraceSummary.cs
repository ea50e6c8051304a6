using Signalbox.Events.Challenges;

namespace Signalbox.Events.Tracing;

/// <summary>A traced request, without what was sent and answered.</summary>
public sealed record TraceSummary
{
    /// <summary>In the order of time.</summary>
    public required long Key { get; init; }

    /// <summary>The value of <c>x-adobe-delivery-id</c>, or a probe's id.</summary>
    public required string DeliveryId { get; init; }

    /// <summary>Several, separated by commas, when a batch carried several.</summary>
    public required string EventCode { get; init; }

    /// <summary>The provider's name, or several, separated by commas.</summary>
    public required string Provider { get; init; }

    /// <summary>The HTTP status, or a 6xx code.</summary>
    public required int Code { get; init; }

    /// <summary>0 for a first attempt.</summary>
    public required int RetryCount { get; init; }

    public required TimeSpan Duration { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    public bool IsSuccess => Code is >= 200 and <= 299;

    /// <summary>A probe of the webhook, not a delivery.</summary>
    public bool IsChallenge => EventCode == Challenge.EventCode;
}
