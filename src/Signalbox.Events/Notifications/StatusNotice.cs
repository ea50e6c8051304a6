using Signalbox.Events.Registrations;

namespace Signalbox.Events.Notifications;

/// <summary>What administrators are told when a registration becomes unstable or disabled (events behaviour, section 10).</summary>
public sealed record StatusNotice
{
    /// <summary>As it stands after the change.</summary>
    public required Registration Registration { get; init; }

    /// <summary>The status before the change.</summary>
    public required WebhookStatus Before { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>One sentence for a person, such as <c>91 of its 100 attempts in the last 24 hours failed, the last one with 503.</c></summary>
    public required string Reason { get; init; }
}
