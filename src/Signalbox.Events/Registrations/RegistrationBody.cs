using Signalbox.Events.EventBridge;
using Signalbox.Events.Filters;

namespace Signalbox.Events.Registrations;

/// <summary>The body that creates or changes a registration (events behaviour, section 5.2), and what a JSON Patch of it applies to.</summary>
public sealed record RegistrationBody
{
    /// <summary>Only read on creation.</summary>
    public string? ClientId { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? DeliveryType { get; init; }

    public string? WebhookUrl { get; init; }

    public string? RuntimeAction { get; init; }

    public IReadOnlyList<InterestBody?>? EventsOfInterest { get; init; }

    public bool? Enabled { get; init; }

    /// <summary>Signalbox's own: events a second that are pushed at most.</summary>
    public int? DeliveryRatePerSecond { get; init; }

    /// <summary>Signalbox's own: pushed one after the other, in the order of the journal.</summary>
    public bool? OrderedDelivery { get; init; }

    /// <summary>For <c>aws_eventbridge</c> only.</summary>
    public DestinationBody? DestinationMetadata { get; init; }

    /// <summary>At most one. Absent: what there is stays; empty: none.</summary>
    public IReadOnlyList<SubscriberFilterBody?>? SubscriberFilters { get; init; }

    /// <summary>The body that would lead to this registration.</summary>
    public static RegistrationBody Of(Registration registration) => new()
    {
        Name = registration.Name,
        Description = registration.Description,
        DeliveryType = RegistrationWords.Of(registration.DeliveryType),
        WebhookUrl = registration.WebhookUrl?.OriginalString,
        RuntimeAction = registration.RuntimeAction,
        DestinationMetadata = DestinationBody.Of(registration.Destination),
        EventsOfInterest = [.. registration.Interests.Select(i => new InterestBody { ProviderId = i.ProviderId, EventCode = i.EventCode })],
        DeliveryRatePerSecond = registration.DeliveryRatePerSecond,
        OrderedDelivery = registration.IsOrdered ? true : null,
        SubscriberFilters = registration.Filter is { } filter ? [SubscriberFilterBody.Of(filter)] : [],
        // What the service switched off, any edit tries to switch on again (section 5.6); what the user did, stays.
        Enabled = registration.IsEnabled || registration.Status is WebhookStatus.HookUnreachable or WebhookStatus.VerificationFailed,
    };
}

/// <summary>One event of interest, as sent.</summary>
public sealed record InterestBody
{
    public string? EventCode { get; init; }

    public string? ProviderId { get; init; }

    /// <summary>The provider's name, when its id is not given.</summary>
    public string? Provider { get; init; }
}
