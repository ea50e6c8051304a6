using Dapper;
using Signalbox.Events.Tracing;
using Signalbox.Storage;

namespace Signalbox.Events.Delivery;

/// <summary>The table <c>deliveries</c>: what is owed, to whom, since when, and who works on it.</summary>
internal sealed class DeliveryStore(Database database, DeliveryClaim claim, TraceStore traces, TimeProvider clock)
{
    /// <summary>
    /// Steps from registration to registration through the index, so that it costs as many look-ups as there are
    /// registrations with deliveries, however many rows wait.
    /// </summary>
    private const string FindDueRegistrationsSql = """
        WITH RECURSIVE keys (registration_key) AS (
          SELECT MIN(registration_key) FROM deliveries
          UNION ALL
          SELECT (SELECT MIN(d.registration_key) FROM deliveries d WHERE d.registration_key > keys.registration_key)
          FROM keys WHERE keys.registration_key IS NOT NULL)
        SELECT keys.registration_key FROM keys
        WHERE keys.registration_key IS NOT NULL
          AND EXISTS (SELECT 1 FROM deliveries d WHERE d.registration_key = keys.registration_key AND d.next_attempt_at <= @now)
        """;

    private const string ClaimDueFormat = """
        WITH due AS MATERIALIZED (
          SELECT event_seq FROM deliveries
          WHERE registration_key = @registration AND next_attempt_at <= @now
            AND (claimed_by IS NULL OR claimed_by = @node OR claimed_until <= @lapsed)
          ORDER BY next_attempt_at, event_seq LIMIT @limit {0})
        UPDATE deliveries SET claimed_by = @node, claimed_until = @until
        WHERE registration_key = @registration AND event_seq IN (SELECT event_seq FROM due)
        RETURNING event_seq AS EventSeq, retry_count AS RetryCount, first_attempt_at AS FirstAttemptAt, next_attempt_at AS NextAttemptAt
        """;

    private const string RemoveSql = "DELETE FROM deliveries WHERE registration_key = @registration AND event_seq = @event";

    /// <summary>
    /// Rows that another transaction is just removing must not count against the limit, or a short answer would not
    /// mean that nothing is left. SQLite has one writer, so there are none.
    /// </summary>
    private readonly string _claimDueSql = string.Format(
        null, ClaimDueFormat, database.EngineName == "sqlite" ? "" : "FOR UPDATE SKIP LOCKED");

    private const string RetrySql = """
        UPDATE deliveries SET retry_count = @count, first_attempt_at = @first, next_attempt_at = @next, claimed_by = NULL, claimed_until = NULL
        WHERE registration_key = @registration AND event_seq = @event
        """;

    /// <summary>The registrations that have rows due now, claimed ones included.</summary>
    public async Task<IReadOnlyList<long>> FindRegistrationsWithDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<long>(new CommandDefinition(
            FindDueRegistrationsSql, new { now = now.ToUnixTimeMilliseconds() }, cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>When the next row falls due that is not due yet; null when there is none.</summary>
    public async Task<DateTimeOffset?> FindNextDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var next = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT MIN(next_attempt_at) FROM deliveries WHERE next_attempt_at > @now",
            new { now = now.ToUnixTimeMilliseconds() },
            cancellationToken: cancellationToken));
        return FromMilliseconds(next);
    }

    /// <summary>
    /// Claims due rows of a registration, the longest due first. Rows that this process already claimed are among them.
    /// Fewer than <paramref name="limit"/> are all that can be claimed.
    /// </summary>
    public async Task<IReadOnlyList<ClaimedRow>> ClaimDueAsync(long registrationKey, int limit, CancellationToken cancellationToken)
    {
        var until = claim.Until;
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var parameters = new
        {
            node = claim.Node,
            until = until.ToUnixTimeMilliseconds(),
            registration = registrationKey,
            now,
            // On SQLite there is no other process: whatever another name claimed, that process is dead.
            lapsed = database.EngineName == "sqlite" ? long.MaxValue : now,
            limit,
        };
        var rows = await database.WriteAsync(session => session.Query<Row>(_claimDueSql, parameters), cancellationToken);
        return
        [
            .. rows.OrderBy(row => row.NextAttemptAt).ThenBy(row => row.EventSeq).Select(row => new ClaimedRow(
                new DeliveryKey(registrationKey, row.EventSeq),
                row.RetryCount,
                FromMilliseconds(row.FirstAttemptAt),
                DateTimeOffset.FromUnixTimeMilliseconds(row.NextAttemptAt),
                DateTimeOffset.FromUnixTimeMilliseconds(until.ToUnixTimeMilliseconds()))),
        ];
    }

    /// <summary>Keeps what an attempt led to, and the trace of an error, in one commit; the trace of a success may come later.</summary>
    public Task KeepAsync(
        DeliveryKey key, DateTimeOffset firstAttemptAt, DeliveryStep step, DeliveryTrace trace, CancellationToken cancellationToken)
    {
        var writeTrace = traces.TryHold(trace) ? null : traces.PrepareInsert(trace);
        return database.WriteAsync(
            session =>
            {
                writeTrace?.Invoke(session);
                if (step is DeliveryStep.RetryAt retry)
                {
                    session.ExecutePrepared(
                        RetrySql,
                        ("count", retry.RetryCount),
                        ("first", firstAttemptAt.ToUnixTimeMilliseconds()),
                        ("next", retry.At.ToUnixTimeMilliseconds()),
                        ("registration", key.RegistrationKey),
                        ("event", key.EventSequence));
                }
                else
                {
                    Remove(session, key);
                }
            },
            cancellationToken);
    }

    /// <summary>Ends a delivery without an attempt.</summary>
    public Task RemoveAsync(DeliveryKey key, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Remove(session, key), cancellationToken);

    private static void Remove(WriteSession session, DeliveryKey key) =>
        session.ExecutePrepared(RemoveSql, ("registration", key.RegistrationKey), ("event", key.EventSequence));

    private static DateTimeOffset? FromMilliseconds(long? value) =>
        value is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    private sealed class Row
    {
        public long EventSeq { get; init; }

        public int RetryCount { get; init; }

        public long? FirstAttemptAt { get; init; }

        public long NextAttemptAt { get; init; }
    }
}
