using System.Diagnostics;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Storage;

namespace Signalbox.Events.EventLog;

/// <summary>
/// Makes events durable: one commit holds the event, its place in every journal, and every delivery that is owed.
/// </summary>
/// <remarks>
/// The lock on the row <c>event_seq</c> is held from the first event of a group until its commit. With several writer
/// lanes or nodes, appends therefore take turns, and sequences become visible in their order: a journal reader who has
/// seen n will never later find a smaller one. This must stay so; the journal's promise hangs on it.
/// </remarks>
internal sealed class EventLog(Database database, IDeliveryQueue queue, DeliveryClaim claim, TimeProvider clock)
{
    private const string NextSequence = "UPDATE counters SET value = value + 1 WHERE name = 'event_seq' RETURNING value";

    private const string InsertEvent =
        """
        INSERT INTO events (event_seq, event_id, provider_id, event_code, payload, trace_parent, received_at)
        VALUES (@seq, @id, @provider, @code, @payload, @trace, @at)
        """;

    private const string InsertJournal =
        "INSERT INTO journal (registration_key, event_seq, received_at) VALUES (@key, @seq, @at)";

    /// <summary>Claimed from the start: this process has them in memory, and no other node may find them meanwhile.</summary>
    private const string InsertDelivery =
        """
        INSERT INTO deliveries (registration_key, event_seq, next_attempt_at, claimed_by, claimed_until)
        VALUES (@key, @seq, @at, @node, @until)
        """;

    /// <summary>Ends when the event is durable; its deliveries are on their way then.</summary>
    /// <param name="providerId">The provider's UUID.</param>
    /// <param name="payload">The CloudEvent; kept, so it must not change afterwards.</param>
    public async Task<AcceptedEvent> AppendAsync(
        string providerId, Audience audience, byte[] payload, string? traceParent, CancellationToken cancellationToken)
    {
        var append = new Append(providerId, audience, payload, traceParent, claim, clock);
        var accepted = await database.WriteAsync(append.Run, cancellationToken);
        EventsMetrics.Published.Add(1);
        if (audience.Pushing.Length > 0)
        {
            queue.Offer(accepted, audience.Pushing);
        }

        return accepted;
    }

    private sealed class Append(
        string providerId, Audience audience, byte[] payload, string? traceParent, DeliveryClaim claim, TimeProvider clock)
    {
        public AcceptedEvent Run(WriteSession session)
        {
            var sequence = session.ScalarPrepared<long>(NextSequence);
            // The time is read under the counter's lock, so that it never runs against the sequence.
            var receivedAt = clock.GetUtcNow();
            var eventId = Guid.CreateVersion7(receivedAt);
            object at = receivedAt.ToUnixTimeMilliseconds();
            object seq = sequence;
            object until = claim.Until.ToUnixTimeMilliseconds();
            session.ExecutePrepared(
                InsertEvent,
                ("seq", seq), ("id", eventId.ToString("D")), ("provider", providerId), ("code", audience.EventCode),
                ("payload", payload), ("trace", traceParent), ("at", at));
            foreach (var registration in audience.All)
            {
                session.ExecutePrepared(InsertJournal, ("key", registration.Key), ("seq", seq), ("at", at));
            }

            foreach (var registration in audience.Pushing)
            {
                session.ExecutePrepared(
                    InsertDelivery, ("key", registration.Key), ("seq", seq), ("at", at), ("node", claim.Node), ("until", until));
            }

            return new AcceptedEvent
            {
                Sequence = sequence,
                EventId = eventId,
                ProviderId = providerId,
                EventCode = audience.EventCode,
                Payload = payload,
                TraceParent = traceParent,
                ReceivedAt = receivedAt,
            };
        }
    }
}
