using Signalbox.Events.Delivery;
using Signalbox.Storage;

namespace Signalbox.Events.EventLog;

/// <summary>Writes all events that wait for a commit: one statement a table.</summary>
/// <remarks>
/// The lock on the row <c>event_seq</c> is held from the first event of a group until its commit. With several writer
/// lanes or nodes, appends therefore take turns, and sequences become visible in their order: a journal reader who has
/// seen n will never later find a smaller one. This must stay so; the journal's promise hangs on it, and that no source
/// and id is stored twice within the deduplication window. Appends run last in their transaction, so that whoever waits
/// for this lock holds nothing that its holder may still want. <see cref="EventSequences"/> says how that is kept without
/// asking the database each time.
/// </remarks>
internal sealed class AppendWrite(DeliveryClaim claim, PublishedKeys known, TimeProvider clock)
    : GroupedWrite<IReadOnlyList<PublishedEvent>, IReadOnlyList<AcceptedEvent?>>
{
    private static readonly RowStatement _insertEvents = new(
        "INSERT INTO events (event_seq, event_id, provider_id, event_code, payload, trace_parent, received_at, published_key)",
        [RowColumn.BigInt, RowColumn.Text, RowColumn.Text, RowColumn.Text, RowColumn.Bytes, RowColumn.Text, RowColumn.BigInt, RowColumn.Bytes]);

    private static readonly RowStatement _insertJournal = new(
        "INSERT INTO journal (registration_key, event_seq, received_at)", [RowColumn.BigInt, RowColumn.BigInt, RowColumn.BigInt]);

    /// <summary>Claimed from the start: this process has them in memory, and no other node may find them meanwhile.</summary>
    private static readonly RowStatement _insertDeliveries = new(
        "INSERT INTO deliveries (registration_key, event_seq, next_attempt_at, claimed_by, claimed_until)",
        [RowColumn.BigInt, RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text, RowColumn.BigInt]);

    private readonly EventSequences _sequences = new();

    public override bool RunsLast => true;

    /// <returns>For each event of each request what was stored; null for one that was published before.</returns>
    public override IReadOnlyList<IReadOnlyList<AcceptedEvent?>> Run(WriteSession session, IReadOnlyList<IReadOnlyList<PublishedEvent>> items)
    {
        var count = items.Sum(i => i.Count);
        var last = _sequences.Take(session, count);
        // The time is read once nobody can come between with an earlier sequence, so that it never runs against them.
        var receivedAt = clock.GetUtcNow();
        var duplicates = new DuplicateSearch(known, session, last - count, receivedAt.ToUnixTimeMilliseconds());
        var rows = new Rows(receivedAt, claim);
        var results = new IReadOnlyList<AcceptedEvent?>[items.Count];
        // A duplicate takes no sequence; what is left of them at the end is never used.
        var sequence = last - count;
        for (var i = 0; i < results.Length; i++)
        {
            var accepted = new AcceptedEvent?[items[i].Count];
            for (var j = 0; j < accepted.Length; j++)
            {
                if (!duplicates.Find(items[i][j].Key))
                {
                    accepted[j] = rows.Add(++sequence, items[i][j]);
                }
            }

            results[i] = accepted;
        }

        session.ExecuteRows(_insertEvents, rows.Events);
        session.ExecuteRows(_insertJournal, rows.Journal);
        session.ExecuteRows(_insertDeliveries, rows.Deliveries);
        return results;
    }

    public override void Committed(IReadOnlyList<IReadOnlyList<PublishedEvent>> items, IReadOnlyList<IReadOnlyList<AcceptedEvent?>> results)
    {
        _sequences.Committed();
        if (!known.IsOn)
        {
            return;
        }

        var keys = new List<PublishedKey?>(items.Count);
        AcceptedEvent? first = null;
        for (var i = 0; i < items.Count; i++)
        {
            for (var j = 0; j < items[i].Count; j++)
            {
                if (results[i][j] is { } accepted)
                {
                    first ??= accepted;
                    keys.Add(items[i][j].Key);
                }
            }
        }

        if (first is not null)
        {
            known.Append(first.Sequence, keys, first.ReceivedAt.ToUnixTimeMilliseconds());
        }
    }

    /// <summary>Finds what was published before, in the log or in this run.</summary>
    private sealed class DuplicateSearch(PublishedKeys known, WriteSession session, long before, long now)
    {
        private HashSet<PublishedKey>? _here;

        /// <summary>True when it was; otherwise it is from now on.</summary>
        public bool Find(PublishedKey? key)
        {
            if (key is not { } given || !known.IsOn)
            {
                return false;
            }

            if (_here is null)
            {
                _here = [];
                known.CatchUp(session, before, now);
            }

            return !_here.Add(given) || known.Contains(given, now);
        }
    }

    /// <summary>The values to insert.</summary>
    private sealed class Rows(DateTimeOffset receivedAt, DeliveryClaim claim)
    {
        private readonly object _at = receivedAt.ToUnixTimeMilliseconds();
        private readonly object _until = claim.Until.ToUnixTimeMilliseconds();

        public List<object?> Events { get; } = [];

        public List<object?> Journal { get; } = [];

        public List<object?> Deliveries { get; } = [];

        public AcceptedEvent Add(long number, PublishedEvent published)
        {
            var accepted = new AcceptedEvent
            {
                Sequence = number,
                EventId = Guid.CreateVersion7(receivedAt),
                ProviderId = published.ProviderId,
                EventCode = published.Audience.EventCode,
                Payload = published.Payload,
                TraceParent = published.TraceParent,
                ReceivedAt = receivedAt,
            };
            object sequence = number;
            Events.AddRange([
                sequence, accepted.EventId.ToString("D"), published.ProviderId, accepted.EventCode, published.Payload,
                published.TraceParent, _at, published.Key?.ToArray()]);
            foreach (var registration in published.Audience.All)
            {
                Journal.AddRange([registration.Key, sequence, _at]);
            }

            foreach (var registration in published.Audience.Pushing)
            {
                Deliveries.AddRange([registration.Key, sequence, _at, claim.Node, _until]);
            }

            return accepted;
        }
    }
}
