using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <summary>A change of a registration's status, as it is remembered.</summary>
public sealed record StatusHistoryEntry
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Null when the registration was created.</summary>
    public WebhookStatus? From { get; init; }

    public required WebhookStatus To { get; init; }

    public required bool IsEnabled { get; init; }

    /// <summary>One of <see cref="StatusReason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>The attempts that were judged, when attempts were the reason.</summary>
    public AttemptTally? Tally { get; init; }
}
