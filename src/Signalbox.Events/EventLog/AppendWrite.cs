using Signalbox.Events.Delivery;
using Signalbox.Storage;

namespace Signalbox.Events.EventLog;

/// <summary>Writes all events that wait for a commit: one statement a table for up to 64 rows.</summary>
/// <remarks>
/// The lock on the row <c>event_seq</c> is held from the first event of a group until its commit. With several writer
/// lanes or nodes, appends therefore take turns, and sequences become visible in their order: a journal reader who has
/// seen n will never later find a smaller one. This must stay so; the journal's promise hangs on it. Appends run last
/// in their transaction, so that whoever waits for this lock holds nothing that its holder may still want.
/// </remarks>
internal sealed class AppendWrite(DeliveryClaim claim, TimeProvider clock) : GroupedWrite<PublishedEvent, AcceptedEvent>
{
    private const string TakeSequences = "UPDATE counters SET value = value + @count WHERE name = 'event_seq' RETURNING value";

    private static readonly RowStatement _insertEvents = new(
        "INSERT INTO events (event_seq, event_id, provider_id, event_code, payload, trace_parent, received_at) VALUES ",
        "({0}, {1}, {2}, {3}, {4}, {5}, {6})");

    private static readonly RowStatement _insertJournal = new(
        "INSERT INTO journal (registration_key, event_seq, received_at) VALUES ", "({0}, {1}, {2})");

    /// <summary>Claimed from the start: this process has them in memory, and no other node may find them meanwhile.</summary>
    private static readonly RowStatement _insertDeliveries = new(
        "INSERT INTO deliveries (registration_key, event_seq, next_attempt_at, claimed_by, claimed_until) VALUES ",
        "({0}, {1}, {2}, {3}, {4})");

    public override bool RunsLast => true;

    public override IReadOnlyList<AcceptedEvent> Run(WriteSession session, IReadOnlyList<PublishedEvent> items)
    {
        var last = session.ScalarPrepared<long>(TakeSequences, ("count", items.Count));
        // The time is read under the counter's lock, so that it never runs against the sequence.
        var receivedAt = clock.GetUtcNow();
        object at = receivedAt.ToUnixTimeMilliseconds();
        object until = claim.Until.ToUnixTimeMilliseconds();
        var accepted = new AcceptedEvent[items.Count];
        var events = new List<object?>(items.Count * _insertEvents.Columns);
        var journal = new List<object?>(items.Count * _insertJournal.Columns);
        var deliveries = new List<object?>(items.Count * _insertDeliveries.Columns);
        for (var i = 0; i < accepted.Length; i++)
        {
            var item = items[i];
            accepted[i] = new AcceptedEvent
            {
                Sequence = last - accepted.Length + 1 + i,
                EventId = Guid.CreateVersion7(receivedAt),
                ProviderId = item.ProviderId,
                EventCode = item.Audience.EventCode,
                Payload = item.Payload,
                TraceParent = item.TraceParent,
                ReceivedAt = receivedAt,
            };
            object sequence = accepted[i].Sequence;
            events.AddRange([
                sequence, accepted[i].EventId.ToString("D"), item.ProviderId, item.Audience.EventCode, item.Payload, item.TraceParent, at]);
            foreach (var registration in item.Audience.All)
            {
                journal.AddRange([registration.Key, sequence, at]);
            }

            foreach (var registration in item.Audience.Pushing)
            {
                deliveries.AddRange([registration.Key, sequence, at, claim.Node, until]);
            }
        }

        session.ExecuteRows(_insertEvents, events);
        session.ExecuteRows(_insertJournal, journal);
        session.ExecuteRows(_insertDeliveries, deliveries);
        return accepted;
    }
}
