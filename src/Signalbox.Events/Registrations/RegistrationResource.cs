using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using Signalbox.Events.EventBridge;
using Signalbox.Events.Filters;
using Signalbox.Events.Providers;

namespace Signalbox.Events.Registrations;

/// <summary>A registration as the API shows it (events behaviour, section 5.3).</summary>
internal sealed record RegistrationResource
{
    public required long Id { get; init; }

    public required string RegistrationId { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string ClientId { get; init; }

    public required IReadOnlyList<InterestResource> EventsOfInterest { get; init; }

    public required string WebhookStatus { get; init; }

    public required string CreatedDate { get; init; }

    public required string UpdatedDate { get; init; }

    public required string ConsumerId { get; init; }

    public required string ProjectId { get; init; }

    public required string WorkspaceId { get; init; }

    public string? WebhookUrl { get; init; }

    public required string DeliveryType { get; init; }

    public string? RuntimeAction { get; init; }

    /// <summary>Of <c>aws_eventbridge</c>.</summary>
    public DestinationBody? DestinationMetadata { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>Shown when set.</summary>
    public int? DeliveryRatePerSecond { get; init; }

    /// <summary>Shown when true.</summary>
    public bool? OrderedDelivery { get; init; }

    public IReadOnlyList<SubscriberFilterBody>? SubscriberFilters { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }

    public static async ValueTask<RegistrationResource> OfAsync(HttpContext context, Registration r, ProviderDirectory providers)
    {
        var interests = new List<InterestResource>(r.Interests.Count);
        foreach (var interest in r.Interests)
        {
            interests.Add(InterestResource.Of(interest, await providers.FindAsync(interest.ProviderId, context.RequestAborted)));
        }

        return new()
        {
            Id = r.Key,
            RegistrationId = r.Id.ToString(),
            Name = r.Name,
            Description = r.Description,
            ClientId = r.ClientId.Value,
            EventsOfInterest = interests,
            WebhookStatus = RegistrationWords.Of(r.Status),
            CreatedDate = Date(r.CreatedAt),
            UpdatedDate = Date(r.UpdatedAt),
            ConsumerId = r.OrganizationId.Value,
            ProjectId = r.ProjectId.Value,
            WorkspaceId = r.WorkspaceId.Value,
            WebhookUrl = r.WebhookUrl?.OriginalString,
            DeliveryType = RegistrationWords.Of(r.DeliveryType),
            RuntimeAction = r.RuntimeAction,
            DestinationMetadata = DestinationBody.Of(r.Destination),
            Enabled = r.IsEnabled,
            DeliveryRatePerSecond = r.DeliveryRatePerSecond,
            OrderedDelivery = r.IsOrdered ? true : null,
            SubscriberFilters = r.Filter is { } filter ? [SubscriberFilterBody.Of(filter)] : null,
            Links = new()
            {
                ["rel:events"] = context.LinkTo($"/events/organizations/{r.OrganizationId}/integrations/{r.CredentialId}/{r.Id}"),
                ["rel:trace"] = context.LinkTo($"/traces/{r.OrganizationId}/{r.ProjectId}/{r.WorkspaceId}/registration/{r.Id}"),
                ["self"] = context.LinkTo($"/events/{r.OrganizationId}/{r.ProjectId}/{r.WorkspaceId}/registrations/{r.Id}"),
            },
        };
    }

    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null);
}

/// <summary>One event of interest, with what its provider says about it.</summary>
internal sealed record InterestResource
{
    public required string EventCode { get; init; }

    public string? EventLabel { get; init; }

    public string? EventDescription { get; init; }

    public required string ProviderId { get; init; }

    public string? Provider { get; init; }

    public string? ProviderLabel { get; init; }

    public string? ProviderDescription { get; init; }

    public string? ProviderDocsUrl { get; init; }

    public string EventDeliveryFormat => "cloud_events";

    public static InterestResource Of(Interest interest, Provider? provider)
    {
        var metadata = provider?.FindEvent(interest.EventCode);
        return new()
        {
            EventCode = interest.EventCode,
            EventLabel = metadata?.Label,
            EventDescription = metadata?.Description,
            ProviderId = interest.ProviderId,
            Provider = provider?.Name,
            ProviderLabel = provider?.Label,
            ProviderDescription = provider?.Description,
            ProviderDocsUrl = provider?.DocsUrl,
        };
    }
}

internal sealed record RegistrationCollection
{
    [JsonPropertyName("_embedded")]
    public required EmbeddedRegistrations Embedded { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }

    public PageResource? Page { get; init; }
}

internal sealed record EmbeddedRegistrations(IAsyncEnumerable<RegistrationResource> Registrations);

/// <summary>Where a page stands (section 5.4).</summary>
internal sealed record PageResource
{
    [JsonPropertyName("size")]
    public required int Size { get; init; }

    [JsonPropertyName("number")]
    public required int Number { get; init; }

    [JsonPropertyName("numberOfElements")]
    public required int NumberOfElements { get; init; }

    [JsonPropertyName("totalElements")]
    public required long TotalElements { get; init; }

    [JsonPropertyName("totalPages")]
    public required int TotalPages { get; init; }
}
