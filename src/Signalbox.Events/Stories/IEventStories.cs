using Signalbox.Identity;

namespace Signalbox.Events.Stories;

/// <summary>What became of events, for whoever speaks for an organization: the story API and the console.</summary>
public interface IEventStories
{
    /// <summary>The story as the organization may know it; null when it has no part in the event, or nobody has.</summary>
    Task<EventStory?> FindAsync(Guid eventId, OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>The events of the journal's time that their publishers gave this id, if the organization has a part in them; newest first.</summary>
    Task<PublishedEvents> FindPublishedAsync(string id, OrganizationId organization, CancellationToken cancellationToken);
}
