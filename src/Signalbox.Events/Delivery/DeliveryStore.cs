using Dapper;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Tracing;
using Signalbox.Storage;

namespace Signalbox.Events.Delivery;

/// <summary>The table <c>deliveries</c>: what is owed, to whom, since when, and who works on it.</summary>
internal sealed class DeliveryStore(Database database, DeliveryClaim claim, TraceStore traces, DeadLetterStore letters, TimeProvider clock) : IOwedDeliveries
{
    /// <summary>
    /// Steps from registration to registration through an index, so that it costs as many look-ups as there are
    /// registrations with deliveries, however many rows wait. One row has no key, and the time of the next.
    /// </summary>
    private const string FindDueSql = """
        WITH RECURSIVE keys (registration_key) AS (
          SELECT MIN(registration_key) FROM deliveries
          UNION ALL
          SELECT (SELECT MIN(d.registration_key) FROM deliveries d WHERE d.registration_key > keys.registration_key)
          FROM keys WHERE keys.registration_key IS NOT NULL),
        found AS MATERIALIZED (
          SELECT keys.registration_key,
            EXISTS (SELECT 1 FROM deliveries d WHERE d.registration_key = keys.registration_key AND d.next_attempt_at <= @now) AS is_due,
            (SELECT MIN(d.next_attempt_at) FROM deliveries d WHERE d.registration_key = keys.registration_key AND d.next_attempt_at > @now) AS next_at
          FROM keys WHERE keys.registration_key IS NOT NULL)
        SELECT registration_key AS Key, NULL AS Next FROM found WHERE is_due
        UNION ALL SELECT NULL, MIN(next_at) FROM found
        """;

    private const string ClaimedColumns =
        "event_seq AS EventSeq, retry_count AS RetryCount, first_attempt_at AS FirstAttemptAt, next_attempt_at AS NextAttemptAt, signatures AS Signatures, replay_id AS ReplayId";

    /// <summary>SQLite has one process, so nothing needs to be claimed: whatever another name claimed, that process is dead.</summary>
    private const string ReadDueSql = $"""
        SELECT {ClaimedColumns} FROM deliveries
        WHERE registration_key = @registration AND next_attempt_at <= @now AND (next_attempt_at, event_seq) > (@afterTime, @afterEvent)
        ORDER BY next_attempt_at, event_seq LIMIT @limit
        """;

    /// <summary>
    /// In the order of the index. PostgreSQL, whose statistics are always behind such a table, would rather gather all that is
    /// due and sort it. The setting ends with the use of the connection.
    /// </summary>
    private const string ReadClaimableSql = $"""
        SET enable_bitmapscan = off;
        SELECT {ClaimedColumns}, claimed_by AS ClaimedBy, claimed_until AS ClaimedUntil FROM deliveries
        WHERE registration_key = @registration AND next_attempt_at <= @now AND (next_attempt_at, event_seq) > (@afterTime, @afterEvent)
          AND (claimed_by IS NULL OR claimed_by = @node OR claimed_until <= @now)
        ORDER BY next_attempt_at, event_seq LIMIT @limit
        """;

    private const string ClaimSql = $"""
        UPDATE deliveries SET claimed_by = @node, claimed_until = @until
        WHERE registration_key = @registration AND event_seq = ANY (@sequences) AND next_attempt_at <= @now
          AND (claimed_by IS NULL OR claimed_by = @node OR claimed_until <= @now)
        RETURNING {ClaimedColumns}, claimed_by AS ClaimedBy, claimed_until AS ClaimedUntil
        """;

    private const string ReadFirstSql = $"""
        SELECT {ClaimedColumns}, claimed_by AS ClaimedBy, claimed_until AS ClaimedUntil FROM deliveries
        WHERE registration_key = @registration ORDER BY event_seq LIMIT @limit
        """;

    private const string ClaimFirstSql = """
        UPDATE deliveries SET claimed_by = @node, claimed_until = @until
        WHERE registration_key = @registration AND event_seq BETWEEN @first AND @last
        """;

    private readonly KeepWrite _keep = new(letters);

    private bool HasOneProcess => database.EngineName == "sqlite";

    /// <inheritdoc />
    public async Task<DueOverview> FindDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (await connection.QueryAsync<(long? Key, long? Next)>(new CommandDefinition(
            FindDueSql, new { now = now.ToUnixTimeMilliseconds() }, cancellationToken: cancellationToken))).AsList();
        return new DueOverview([.. found.Select(row => row.Key).OfType<long>()], FromMilliseconds(found.Find(row => row.Key is null).Next));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<(long RegistrationKey, DateTimeOffset Until)>> FindPausesAsync(CancellationToken cancellationToken)
    {
        var now = new { now = clock.GetUtcNow().ToUnixTimeMilliseconds() };
        var pauses = await database.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM delivery_pauses WHERE paused_until <= @now", now);
                return session.Query<(long Key, long Until)>("SELECT registration_key, paused_until FROM delivery_pauses");
            },
            cancellationToken);
        return [.. pauses.Select(pause => (pause.Key, DateTimeOffset.FromUnixTimeMilliseconds(pause.Until)))];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ClaimedRow>> ClaimDueAsync(
        long registrationKey, DuePlace? after, int limit, CancellationToken cancellationToken)
    {
        var claimed = new Claim(registrationKey, claim, clock.GetUtcNow(), limit) { After = after };
        var rows = HasOneProcess
            ? await ReadAsync(ReadDueSql, claimed.Parameters, cancellationToken)
            : await ClaimAmongNodesAsync(claimed, cancellationToken);
        return [.. rows.OrderBy(row => row.NextAttemptAt).ThenBy(row => row.EventSeq).Select(claimed.Of)];
    }

    /// <summary>
    /// Claims the first rows of a registration in the order of the events, up to the first that is not due or that another
    /// node works on. Rows that this process already claimed are among them.
    /// </summary>
    public async Task<IReadOnlyList<ClaimedRow>> ClaimFirstAsync(long registrationKey, int limit, CancellationToken cancellationToken)
    {
        var claimed = new Claim(registrationKey, claim, clock.GetUtcNow(), limit);
        if (HasOneProcess)
        {
            var rows = await ReadAsync(ReadFirstSql, claimed.Parameters, cancellationToken);
            return [.. rows.TakeWhile(row => row.NextAttemptAt <= claimed.Now).Select(claimed.Of)];
        }

        return await database.WriteAsync<IReadOnlyList<ClaimedRow>>(
            session =>
            {
                var rows = session.Query<Row>($"{ReadFirstSql} FOR UPDATE", claimed.Parameters).TakeWhile(claimed.IsFree).ToList();
                if (rows.Count > 0)
                {
                    session.ExecutePrepared(
                        ClaimFirstSql,
                        ("node", claim.Node), ("until", claimed.Until.ToUnixTimeMilliseconds()), ("registration", registrationKey),
                        ("first", rows[0].EventSeq), ("last", rows[^1].EventSeq));
                }

                return [.. rows.Select(claimed.Of)];
            },
            cancellationToken);
    }

    /// <summary>
    /// Keeps what an attempt led to, and the trace of an error, in one commit; the trace of a success may come later.
    /// </summary>
    public Task KeepAsync(EndedAttempt attempt, DeliveryTrace trace, CancellationToken cancellationToken) =>
        database.WriteAsync(
            _keep, traces.TryHold(trace) ? attempt : attempt with { Trace = traces.Prepare(trace) }, cancellationToken);

    /// <summary>What the newest attempt of a delivery led to; null when none is known.</summary>
    public async Task<int?> FindLastCodeAsync(DeliveryKey key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            """
            SELECT code FROM attempts WHERE event_seq = @EventSequence AND registration_key = @RegistrationKey
            ORDER BY attempted_at DESC, retry_count DESC LIMIT 1
            """,
            key, cancellationToken: cancellationToken));
    }

    /// <summary>Ends a delivery without an attempt.</summary>
    /// <param name="key">The delivery.</param>
    /// <param name="replayId">The replay that owes it; null when none does.</param>
    /// <param name="letter">What it becomes; null when its event is gone, so that there is nothing to keep.</param>
    public Task RemoveAsync(DeliveryKey key, string? replayId, DeadLetter? letter, CancellationToken cancellationToken) =>
        database.WriteAsync(
            _keep,
            new EndedAttempt
            {
                Deliveries = [new EndedDelivery(key, replayId, default, new DeliveryStep.GiveUp(GiveUpReason.Expired))],
                Letters = letter is null ? [] : [letter],
            },
            cancellationToken);

    /// <summary>Ends what is owed to a registration that is gone.</summary>
    public Task RemoveAllAsync(long registrationKey, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.ExecutePrepared("DELETE FROM deliveries WHERE registration_key = @registration", ("registration", registrationKey)),
            cancellationToken);

    /// <summary>Writes only to rows that are not this process's already: those that it published are, from the start.</summary>
    private async Task<IReadOnlyList<Row>> ClaimAmongNodesAsync(Claim claimed, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await ReadAsync(ReadClaimableSql, claimed.Parameters, cancellationToken);
            long[] free = [.. read.Where(row => !claimed.Covers(row)).Select(row => row.EventSeq)];
            var taken = free.Length == 0
                ? []
                : await database.WriteAsync(session => session.Query<Row>(ClaimSql, claimed.ParametersFor(free)), cancellationToken);

            // What another node took meanwhile must not count against the limit, or a short answer would not mean that
            // nothing is left.
            if (taken.Count == free.Length || read.Count < claimed.Limit)
            {
                return [.. read.Where(claimed.Covers), .. taken];
            }
        }
    }

    private async Task<IReadOnlyList<Row>> ReadAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<Row>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken))).AsList();
    }

    private static DateTimeOffset? FromMilliseconds(long? value) =>
        value is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    private sealed class Row
    {
        public long EventSeq { get; init; }

        public int RetryCount { get; init; }

        public long? FirstAttemptAt { get; init; }

        public long NextAttemptAt { get; init; }

        public string? Signatures { get; init; }

        public string? ReplayId { get; init; }

        public string? ClaimedBy { get; init; }

        public long? ClaimedUntil { get; init; }
    }

    /// <summary>A claim that is just being taken.</summary>
    private sealed class Claim(long registrationKey, DeliveryClaim claim, DateTimeOffset at, int limit)
    {
        public long Now { get; } = at.ToUnixTimeMilliseconds();

        public DateTimeOffset Until { get; } = DateTimeOffset.FromUnixTimeMilliseconds(claim.Until.ToUnixTimeMilliseconds());

        public int Limit { get; } = limit;

        public DuePlace? After { get; init; }

        public object Parameters => new
        {
            node = claim.Node,
            registration = registrationKey,
            now = Now,
            afterTime = After?.NextAttemptAt.ToUnixTimeMilliseconds() ?? long.MinValue,
            afterEvent = After?.EventSequence ?? 0,
            limit = Limit,
        };

        public object ParametersFor(long[] sequences) => new
        {
            node = claim.Node,
            until = Until.ToUnixTimeMilliseconds(),
            registration = registrationKey,
            now = Now,
            sequences,
        };

        /// <summary>True when the row was claimed by this process not long ago.</summary>
        public bool Covers(Row row) =>
            row.ClaimedBy == claim.Node && row.ClaimedUntil >= Now + (long)(DeliveryClaim.Lifetime * 2 / 3).TotalMilliseconds;

        public bool IsFree(Row row) =>
            row.NextAttemptAt <= Now && (row.ClaimedBy is null || row.ClaimedBy == claim.Node || row.ClaimedUntil <= Now);

        public ClaimedRow Of(Row row) => new(
            new DeliveryKey(registrationKey, row.EventSeq),
            row.RetryCount,
            FromMilliseconds(row.FirstAttemptAt),
            DateTimeOffset.FromUnixTimeMilliseconds(row.NextAttemptAt),
            Covers(row) ? DateTimeOffset.FromUnixTimeMilliseconds(row.ClaimedUntil!.Value) : Until,
            row.Signatures,
            row.ReplayId);
    }
}
