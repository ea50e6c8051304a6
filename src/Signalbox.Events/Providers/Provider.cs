using System.Collections.Immutable;
using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Providers;

/// <summary>A source of events, with its event types.</summary>
public sealed record Provider
{
    /// <summary>A UUID, lower-case, with hyphens.</summary>
    public required string Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required ProjectId ProjectId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>The family, such as <c>3rd_party_custom_events</c>.</summary>
    public required string ProviderMetadata { get; init; }

    /// <summary>Tells providers of one family apart.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The value of <c>x-adobe-provider</c>: <c>&lt;family&gt;_&lt;IMS org&gt;_&lt;instance&gt;</c>.</summary>
    public required string Name { get; init; }

    public required string Label { get; init; }

    public required string Description { get; init; }

    public string? DocsUrl { get; init; }

    public required string Publisher { get; init; }

    /// <summary><c>VA6</c> or <c>IRL1</c>.</summary>
    public required string DataResidencyRegion { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The event types, oldest first.</summary>
    public required ImmutableArray<EventMetadata> Events { get; init; }

    /// <summary>The CloudEvents <c>source</c> of its events.</summary>
    public string Source => "urn:uuid:" + Id;

    /// <summary>The <c>ETag</c> of its settings; its event types have their own.</summary>
    internal string Tag => EntityTag.Of(UpdateProviderBody.Of(this), EventsJson.Default.UpdateProviderBody);

    public EventMetadata? FindEvent(string eventCode) =>
        Events.FirstOrDefault(e => string.Equals(e.EventCode, eventCode, StringComparison.Ordinal));
}
