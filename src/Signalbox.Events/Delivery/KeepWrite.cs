using Signalbox.Events.DeadLetters;
using Signalbox.Storage;

namespace Signalbox.Events.Delivery;

/// <summary>Keeps the outcomes of all attempts that wait for a commit: what was delivered goes by one statement for up to 64 rows.</summary>
internal sealed class KeepWrite(DeadLetterStore letters) : GroupedWrite<EndedAttempt, bool>
{
    private static readonly RowStatement _remove = new(
        "DELETE FROM deliveries WHERE ", "(registration_key = {0} AND event_seq = {1})", " OR ");

    private const string RetrySql = """
        UPDATE deliveries SET retry_count = @count, first_attempt_at = @first, next_attempt_at = @next, signatures = @signatures,
          claimed_by = NULL, claimed_until = NULL
        WHERE registration_key = @registration AND event_seq = @event
        """;

    public override IReadOnlyList<bool> Run(WriteSession session, IReadOnlyList<EndedAttempt> items)
    {
        var removed = new List<object?>(items.Count * _remove.Columns);
        foreach (var item in items)
        {
            item.WriteTrace?.Invoke(session);
            foreach (var letter in item.Letters)
            {
                letters.Add(session, letter);
            }

            foreach (var (key, firstAttemptAt, step) in item.Deliveries)
            {
                if (step is DeliveryStep.RetryAt retry)
                {
                    session.ExecutePrepared(
                        RetrySql,
                        ("count", retry.RetryCount),
                        ("first", firstAttemptAt.ToUnixTimeMilliseconds()),
                        ("next", retry.At.ToUnixTimeMilliseconds()),
                        ("signatures", item.Signatures),
                        ("registration", key.RegistrationKey),
                        ("event", key.EventSequence));
                }
                else
                {
                    removed.Add(key.RegistrationKey);
                    removed.Add(key.EventSequence);
                }
            }
        }

        session.ExecuteRows(_remove, removed);
        return new bool[items.Count];
    }
}
