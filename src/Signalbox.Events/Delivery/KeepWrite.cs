using Signalbox.Events.DeadLetters;
using Signalbox.Events.Tracing;
using Signalbox.Storage;

namespace Signalbox.Events.Delivery;

/// <summary>
/// Keeps the outcomes of all attempts that wait for a commit, with one statement for each sort: what
/// ended, what is tried again, traces of errors, dead letters. An outcome concerns the row that its attempt was made for:
/// after a cancelled replay the same event may be owed by another.
/// </summary>
internal sealed class KeepWrite(DeadLetterStore letters) : GroupedWrite<EndedAttempt, bool>
{
    /// <summary>SQLite finds its rows by the key only for a list that is selected from: for one of values it reads the whole table.</summary>
    private static readonly RowStatement _remove = new(
        "DELETE FROM deliveries WHERE (registration_key, event_seq, COALESCE(replay_id, '')) IN (SELECT * FROM (",
        [RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text],
        ") AS ended)");

    private static readonly RowStatement _retry = new(
        "WITH retried (registration_key, event_seq, replay_id, retry_count, first_attempt_at, next_attempt_at, signatures) AS (",
        [RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text, RowColumn.Integer, RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text],
        """
        )
        UPDATE deliveries SET retry_count = retried.retry_count, first_attempt_at = retried.first_attempt_at,
          next_attempt_at = retried.next_attempt_at, signatures = retried.signatures, claimed_by = NULL, claimed_until = NULL
        FROM retried WHERE deliveries.registration_key = retried.registration_key AND deliveries.event_seq = retried.event_seq
          AND COALESCE(deliveries.replay_id, '') = retried.replay_id
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
            foreach (var (key, replayId, firstAttemptAt, step) in item.Deliveries)
            {
                var owedBy = replayId ?? "";
                if (step is DeliveryStep.RetryAt retry)
                {
                    retried.AddRange([
                        key.RegistrationKey, key.EventSequence, owedBy, retry.RetryCount, firstAttemptAt.ToUnixTimeMilliseconds(),
                        retry.At.ToUnixTimeMilliseconds(), item.Signatures]);
                }
                else
                {
                    removed.AddRange([key.RegistrationKey, key.EventSequence, owedBy]);
                }
            }
        }

        TraceStore.Write(session, [.. items.Select(item => item.Trace).OfType<PreparedTrace>()]);
        letters.Bury(session, [.. items.SelectMany(item => item.Letters)]);
        foreach (var ended in items.SelectMany(item => item.Deliveries))
        {
            if (ended is { ReplayId: { } replayId, Step: DeliveryStep.Done })
            {
                letters.Redeem(session, ended.Key, replayId);
            }
        }

        session.ExecuteRows(_pause, Pauses(items));
        session.ExecuteRows(_retry, retried);
        session.ExecuteRows(_remove, removed);
        return new bool[items.Count];
    }

    public override void Committed(IReadOnlyList<EndedAttempt> items, IReadOnlyList<bool> results) =>
        DeadLetterMetrics.Count(items.SelectMany(item => item.Letters));

    /// <summary>One row for each registration: a statement cannot touch a row twice.</summary>
    private static object?[] Pauses(IReadOnlyList<EndedAttempt> items) =>
    [
        .. items.Where(item => item.PauseUntil is not null)
            .GroupBy(item => item.Deliveries[0].Key.RegistrationKey)
            .SelectMany(group => (object?[])[group.Key, group.Max(item => item.PauseUntil!.Value.ToUnixTimeMilliseconds())]),
    ];
}
