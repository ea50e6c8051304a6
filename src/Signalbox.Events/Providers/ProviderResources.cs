using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using static Signalbox.Events.Edge.Hal;

namespace Signalbox.Events.Providers;

internal sealed record ProviderResource
{
    public required string Id { get; init; }

    public required string Label { get; init; }

    public required string Description { get; init; }

    public required string Source { get; init; }

    public string? DocsUrl { get; init; }

    public required string Publisher { get; init; }

    public required string ProviderMetadata { get; init; }

    public required string InstanceId { get; init; }

    public required string DataResidencyRegion { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }

    [JsonPropertyName("_embedded")]
    public EmbeddedEventMetadata? Embedded { get; init; }

    /// <summary>The resource; <paramref name="query"/> is kept in <c>self</c>, as the reference shows.</summary>
    public static ProviderResource Of(HttpContext context, Provider provider, bool withEvents, string query = "") => new()
    {
        Id = provider.Id,
        Label = provider.Label,
        Description = provider.Description,
        Source = provider.Source,
        DocsUrl = provider.DocsUrl,
        Publisher = provider.Publisher,
        ProviderMetadata = provider.ProviderMetadata,
        InstanceId = provider.InstanceId,
        DataResidencyRegion = provider.DataResidencyRegion,
        Links = new()
        {
            ["self"] = context.LinkTo($"/events/providers/{provider.Id}{query}"),
            ["rel:eventmetadata"] = context.LinkTo($"/events/providers/{provider.Id}/eventmetadata"),
            ["rel:update"] = context.LinkTo(UpdatePath(provider)),
        },
        Embedded = withEvents ? EmbeddedEventMetadata.Of(context, provider) : null,
    };

    public static string UpdatePath(Provider provider) =>
        $"/events/{provider.OrganizationId}/{provider.ProjectId}/{provider.WorkspaceId}/providers/{provider.Id}";
}

internal sealed record ProviderCollection
{
    [JsonPropertyName("_embedded")]
    public required EmbeddedProviders Embedded { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }
}

internal sealed record EmbeddedProviders(IReadOnlyList<ProviderResource> Providers);

internal sealed record EventMetadataResource
{
    public required string Description { get; init; }

    public required string Label { get; init; }

    public required string EventCode { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }

    public static EventMetadataResource Of(HttpContext context, Provider provider, EventMetadata metadata)
    {
        var path = $"/events/providers/{provider.Id}/eventmetadata/{Segment(metadata.EventCode)}";
        return new()
        {
            Description = metadata.Description,
            Label = metadata.Label,
            EventCode = metadata.EventCode,
            Links = new()
            {
                ["rel:sample_event"] = context.LinkTo(path + "/sample_event"),
                ["rel:update"] = context.LinkTo($"{ProviderResource.UpdatePath(provider)}/eventmetadata/{Segment(metadata.EventCode)}"),
                ["self"] = context.LinkTo(path),
            },
        };
    }
}

internal sealed record EventMetadataCollection
{
    [JsonPropertyName("_embedded")]
    public required EmbeddedEventMetadata Embedded { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }
}

internal sealed record EmbeddedEventMetadata(IReadOnlyList<EventMetadataResource> Eventmetadata)
{
    public static EmbeddedEventMetadata Of(HttpContext context, Provider provider) =>
        new([.. provider.Events.Select(e => EventMetadataResource.Of(context, provider, e))]);
}

internal sealed record ProviderFamilyCollection
{
    [JsonPropertyName("_embedded")]
    public required EmbeddedProviderFamilies Embedded { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }
}

internal sealed record EmbeddedProviderFamilies(IReadOnlyList<ProviderFamily> Providermetadata);

internal sealed record SampleEventResource
{
    public required string Format { get; init; }

    public required string SamplePayload { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }
}
