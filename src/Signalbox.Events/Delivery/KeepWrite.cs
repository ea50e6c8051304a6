using Signalbox.Events.DeadLetters;
using Signalbox.Events.Tracing;
using Signalbox.Storage;

namespace Signalbox.Events.Delivery;

/// <summary>
/// Keeps the outcomes of all attempts that wait for a commit, with one statement for each sort: what
/// ended, what is tried again, traces of errors, dead letters.
/// </summary>
internal sealed class KeepWrite(DeadLetterStore letters) : GroupedWrite<EndedAttempt, bool>
{
    /// <summary>SQLite finds its rows by the key only for a list that is selected from: for one of values it reads the whole table.</summary>
    private static readonly RowStatement _remove = new(
        "DELETE FROM deliveries WHERE (registration_key, event_seq) IN (SELECT * FROM (",
        [RowColumn.BigInt, RowColumn.BigInt],
        ") AS ended)");

    private static readonly RowStatement _retry = new(
        "WITH retried (registration_key, event_seq, retry_count, first_attempt_at, next_attempt_at, signatures) AS (",
        [RowColumn.BigInt, RowColumn.BigInt, RowColumn.Integer, RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text],
        """
        )
        UPDATE deliveries SET retry_count = retried.retry_count, first_attempt_at = retried.first_attempt_at,
          next_attempt_at = retried.next_attempt_at, signatures = retried.signatures, claimed_by = NULL, claimed_until = NULL
        FROM retried WHERE deliveries.registration_key = retried.registration_key AND deliveries.event_seq = retried.event_seq
        """);

    /// <summary>A shorter pause does not end a longer one.</summary>
    private static readonly RowStatement _pause = new(
        "INSERT INTO delivery_pauses (registration_key, paused_until)",
        [RowColumn.BigInt, RowColumn.BigInt],
        """
        ON CONFLICT (registration_key) DO UPDATE SET paused_until = excluded.paused_until
          WHERE delivery_pauses.paused_until < excluded.paused_until
        """);

    /// <summary>A crash before it is kept repeats the delivery, as it would a moment earlier.</summary>
    public override bool MayWait(EndedAttempt item) => !item.IsUrgent;

    public override IReadOnlyList<bool> Run(WriteSession session, IReadOnlyList<EndedAttempt> items)
    {
        var removed = new List<object?>();
        var retried = new List<object?>();
        foreach (var item in items)
        {
            foreach (var (key, firstAttemptAt, step) in item.Deliveries)
            {
                if (step is DeliveryStep.RetryAt retry)
                {
                    retried.AddRange([
                        key.RegistrationKey, key.EventSequence, retry.RetryCount, firstAttemptAt.ToUnixTimeMilliseconds(),
                        retry.At.ToUnixTimeMilliseconds(), item.Signatures]);
                }
                else
                {
                    removed.AddRange([key.RegistrationKey, key.EventSequence]);
                }
            }
        }

        TraceStore.Write(session, [.. items.Select(item => item.Trace).OfType<PreparedTrace>()]);
        letters.Add(session, [.. items.SelectMany(item => item.Letters)]);
        foreach (var replayed in items.SelectMany(item => item.Replayed))
        {
            letters.Redeem(session, replayed.Key, replayed.ReplayId!);
        }

        session.ExecuteRows(_pause, Pauses(items));
        session.ExecuteRows(_retry, retried);
        session.ExecuteRows(_remove, removed);
        return new bool[items.Count];
    }

    /// <summary>One row for each registration: a statement cannot touch a row twice.</summary>
    private static object?[] Pauses(IReadOnlyList<EndedAttempt> items) =>
    [
        .. items.Where(item => item.PauseUntil is not null)
            .GroupBy(item => item.Deliveries[0].Key.RegistrationKey)
            .SelectMany(group => (object?[])[group.Key, group.Max(item => item.PauseUntil!.Value.ToUnixTimeMilliseconds())]),
    ];
}
