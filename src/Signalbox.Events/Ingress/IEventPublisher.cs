using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Ingress;

/// <summary>Publishes a test event for whoever speaks for a workspace's user, on the way that every published event takes.</summary>
public interface IEventPublisher
{
    /// <summary>Ends when the event is durable and its deliveries are on their way.</summary>
    /// <param name="workspace">The provider must be of its organization. Its test events count as those of one API key do.</param>
    /// <param name="cloudEvent">One CloudEvent as JSON.</param>
    /// <param name="cancellationToken">Gives up; an event that waits for its commit is published all the same.</param>
    Task<Outcome<PublishReceipt>> PublishAsync(Workspace workspace, string cloudEvent, CancellationToken cancellationToken);
}
