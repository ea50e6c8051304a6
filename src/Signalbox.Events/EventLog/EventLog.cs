using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Events.Traffic;
using Signalbox.Storage;

namespace Signalbox.Events.EventLog;

/// <summary>
/// Makes events durable: one commit holds the event, its place in every journal, and every delivery that is owed.
/// </summary>
internal sealed class EventLog(
    Database database, IDeliveryQueue queue, DeliveryClaim claim, PublishedKeys known, TrafficLedger traffic, TimeProvider clock)
{
    private readonly AppendWrite _append = new(claim, known, clock);

    /// <summary>Ends when the event is durable; its deliveries are on their way then.</summary>
    /// <param name="providerId">The provider's UUID.</param>
    /// <param name="payload">The CloudEvent; kept, so it must not change afterwards.</param>
    public async Task<AcceptedEvent> AppendAsync(
        string providerId, Audience audience, byte[] payload, string? traceParent, CancellationToken cancellationToken) =>
        (await AppendAsync([new PublishedEvent(providerId, audience, payload, traceParent)], cancellationToken))[0]!;

    /// <summary>
    /// Ends when all of them are durable, in one commit; none is when it throws. An event whose key was stored within the
    /// deduplication window is left out: its first copy is durable already, or becomes so by the same commit.
    /// </summary>
    /// <returns>For each event what was stored; null for one that was left out.</returns>
    public async Task<IReadOnlyList<AcceptedEvent?>> AppendAsync(IReadOnlyList<PublishedEvent> events, CancellationToken cancellationToken)
    {
        var stored = await database.WriteAsync(_append, events, cancellationToken);
        var count = 0;
        for (var i = 0; i < stored.Count; i++)
        {
            if (stored[i] is not { } accepted)
            {
                continue;
            }

            count++;
            traffic.CountPublished(events[i].Audience.All);
            if (events[i].Audience.Pushing.Length > 0)
            {
                queue.Offer(accepted, events[i].Audience.Pushing);
            }
        }

        EventsMetrics.Published.Add(count);
        if (count < stored.Count)
        {
            EventsMetrics.Duplicates.Add(stored.Count - count);
        }

        return stored;
    }
}
