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

/// <param name="Providers">Made as they are written, so that a long list takes no memory.</param>
internal sealed record EmbeddedProviders(IEnumerable<ProviderResource> Providers);

internal sealed record EventMetadataResource
{
    public required string Description { get; init; }

    public required string Label { get; init; }

    public required string EventCode { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }

    [JsonPropertyName("_embedded")]
    public EmbeddedSampleEvent? Embedded { get; init; }

    /// <param name="sample">The sample event to embed, or none.</param>
    public static EventMetadataResource Of(HttpContext context, Provider provider, EventMetadata metadata, string? sample = null) => new()
    {
        Description = metadata.Description,
        Label = metadata.Label,
        EventCode = metadata.EventCode,
        Links = new()
        {
            ["rel:sample_event"] = context.LinkTo(Path(provider, metadata) + "/sample_event"),
            ["rel:update"] = context.LinkTo($"{ProviderResource.UpdatePath(provider)}/eventmetadata/{Segment(metadata.EventCode)}"),
            ["self"] = context.LinkTo(Path(provider, metadata)),
        },
        Embedded = sample is null ? null : new EmbeddedSampleEvent(SampleEventResource.Of(context, provider, metadata, sample)),
    };

    public static string Path(Provider provider, EventMetadata metadata) =>
        $"/events/providers/{provider.Id}/eventmetadata/{Segment(metadata.EventCode)}";
}

internal sealed record EmbeddedSampleEvent(SampleEventResource SampleEvent);

internal sealed record EventMetadataCollection
{
    [JsonPropertyName("_embedded")]
    public required EmbeddedEventMetadata Embedded { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }
}

/// <param name="Eventmetadata">Made as they are written.</param>
internal sealed record EmbeddedEventMetadata(IEnumerable<EventMetadataResource> Eventmetadata)
{
    public static EmbeddedEventMetadata Of(HttpContext context, Provider provider) =>
        new(provider.Events.Select(e => EventMetadataResource.Of(context, provider, e)));
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

    public static SampleEventResource Of(HttpContext context, Provider provider, EventMetadata metadata, string payload) => new()
    {
        Format = "cloud_events",
        SamplePayload = payload,
        Links = new() { ["self"] = context.LinkTo(EventMetadataResource.Path(provider, metadata) + "/sample_event") },
    };
}

/// <summary>What became of a sample that was posted to one registration. The shape is Signalbox's own: the reference does not describe it.</summary>
/// <param name="EventId">The id of the event that was published; null when the registration's filter dropped it.</param>
/// <param name="Message">The same in words.</param>
internal sealed record PostedSampleResource([property: JsonPropertyName("eventid")] Guid? EventId, string Message)
{
    /// <summary>There was no sample to post.</summary>
    public static readonly PostedSampleResource Nothing = new(null, "");
}
