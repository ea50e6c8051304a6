using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Providers;

/// <summary>
/// Providers and their event types, for whoever speaks for a workspace's user. The rules are those of the REST
/// endpoints; who may call is the caller's matter.
/// </summary>
public interface IProviders
{
    /// <summary>A page of the organization's providers, newest first.</summary>
    ValueTask<ProviderListing> ListAsync(Workspace workspace, ProviderSearch search, CancellationToken cancellationToken);

    /// <summary>A provider of the workspace's organization, perhaps of another workspace.</summary>
    ValueTask<Outcome<Provider>> FindAsync(Workspace workspace, string providerId, CancellationToken cancellationToken);

    Task<Outcome<Provider>> CreateAsync(Workspace workspace, CreateProviderBody body, CancellationToken cancellationToken);

    /// <summary>Edits a provider, unless somebody changed it since it was seen (412).</summary>
    Task<Outcome<Provider>> UpdateAsync(Workspace workspace, Provider seen, UpdateProviderBody body, CancellationToken cancellationToken);

    /// <summary>Deletes a provider with its event types. Registrations keep their interest, which never matches again.</summary>
    Task<Outcome<Provider>> DeleteAsync(Workspace workspace, string providerId, CancellationToken cancellationToken);

    Task<Outcome<EventMetadata>> CreateEventAsync(Workspace workspace, string providerId, EventMetadataBody body, CancellationToken cancellationToken);

    /// <summary>Edits an event type, unless somebody changed it since it was seen (412).</summary>
    Task<Outcome<EventMetadata>> UpdateEventAsync(Workspace workspace, string providerId, EventMetadata seen, EventMetadataBody body, CancellationToken cancellationToken);

    Task<Outcome<EventMetadata>> DeleteEventAsync(Workspace workspace, string providerId, string eventCode, CancellationToken cancellationToken);

    /// <summary>A sample of the event as it would be delivered, JSON text; null when it has none.</summary>
    string? ComposeSample(Provider provider, EventMetadata metadata);
}
