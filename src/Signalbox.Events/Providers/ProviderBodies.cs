namespace Signalbox.Events.Providers;

/// <summary>The body that creates a provider (events behaviour, section 3).</summary>
public sealed record CreateProviderBody
{
    public string? Label { get; init; }

    public string? Description { get; init; }

    public string? DocsUrl { get; init; }

    public string? ProviderMetadata { get; init; }

    public string? InstanceId { get; init; }

    public string? DataResidencyRegion { get; init; }
}

/// <summary>The body that changes a provider, and what a JSON Patch of it applies to.</summary>
public sealed record UpdateProviderBody
{
    public string? Label { get; init; }

    public string? Description { get; init; }

    public string? DocsUrl { get; init; }

    /// <summary>The body that would lead to this provider.</summary>
    public static UpdateProviderBody Of(Provider provider) =>
        new() { Label = provider.Label, Description = provider.Description, DocsUrl = provider.DocsUrl };
}

/// <summary>The body that creates or changes an event type (section 4), and what a JSON Patch of it applies to.</summary>
public sealed record EventMetadataBody
{
    public string? EventCode { get; init; }

    public string? Label { get; init; }

    public string? Description { get; init; }

    public string? SampleEventTemplate { get; init; }

    /// <summary>The body that would lead to this event type.</summary>
    public static EventMetadataBody Of(EventMetadata metadata) => new()
    {
        EventCode = metadata.EventCode,
        Label = metadata.Label,
        Description = metadata.Description,
        SampleEventTemplate = metadata.SampleEventTemplate,
    };
}
