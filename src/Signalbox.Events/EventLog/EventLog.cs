using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Events.Traffic;
using Signalbox.Storage;

namespace Signalbox.Events.EventLog;

/// <summary>
/// Makes events durable: one commit holds the event, its place in every journal, and every delivery that is owed.
/// </summary>
internal sealed class EventLog(Database database, IDeliveryQueue queue, DeliveryClaim claim, TrafficLedger traffic, TimeProvider clock)
{
    private readonly AppendWrite _append = new(claim, clock);

    /// <summary>Ends when the event is durable; its deliveries are on their way then.</summary>
    /// <param name="providerId">The provider's UUID.</param>
    /// <param name="payload">The CloudEvent; kept, so it must not change afterwards.</param>
    public async Task<AcceptedEvent> AppendAsync(
        string providerId, Audience audience, byte[] payload, string? traceParent, CancellationToken cancellationToken)
    {
        var accepted = await database.WriteAsync(
            _append, new PublishedEvent(providerId, audience, payload, traceParent), cancellationToken);
        EventsMetrics.Published.Add(1);
        traffic.CountPublished(audience.All);
        if (audience.Pushing.Length > 0)
        {
            queue.Offer(accepted, audience.Pushing);
        }

        return accepted;
    }
}
