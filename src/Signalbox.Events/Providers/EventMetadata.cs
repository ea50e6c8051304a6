using Signalbox.Events.Edge;

namespace Signalbox.Events.Providers;

/// <summary>One event type of a provider.</summary>
public sealed record EventMetadata
{
    /// <summary>The CloudEvents <c>type</c> of its events.</summary>
    public required string EventCode { get; init; }

    public required string Label { get; init; }

    public required string Description { get; init; }

    /// <summary>Base64 of a JSON text; null when there is no sample.</summary>
    public string? SampleEventTemplate { get; init; }

    /// <summary>Its <c>ETag</c>.</summary>
    internal string Tag => EntityTag.Of(EventMetadataBody.Of(this), EventsJson.Default.EventMetadataBody);
}
