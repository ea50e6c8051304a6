using System.Globalization;
using Dapper;
using Signalbox.Events.Delivery;
using Signalbox.Storage;
using Signalbox.Storage.Faults;

namespace Signalbox.Events.DeadLetters;

/// <summary>
/// The table <c>dead_letters</c>. A row refers to its event, which is kept as long as the row is.
/// </summary>
internal sealed class DeadLetterStore(Database database, TimeProvider clock)
{
    /// <summary>Rows that one commit deletes.</summary>
    private const int ChunkRows = 500;

    private const string InsertedColumns =
        """
        dead_letter_key, registration_key, event_seq, reason, last_code, attempts, first_attempt_at, dead_at, last_delivery_id, replay_id
        """;

    private const string OrReplace =
        """
        ON CONFLICT (event_seq, registration_key) DO UPDATE SET
          dead_letter_key = excluded.dead_letter_key, reason = excluded.reason, last_code = excluded.last_code,
          attempts = excluded.attempts, first_attempt_at = excluded.first_attempt_at, dead_at = excluded.dead_at,
          last_delivery_id = excluded.last_delivery_id, replay_id = excluded.replay_id
        """;

    private static readonly RowColumn[] _insertedTypes =
    [
        RowColumn.BigInt, RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text, RowColumn.Integer, RowColumn.Integer,
        RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text, RowColumn.Text,
    ];

    private static readonly RowStatement _insert = new($"INSERT INTO dead_letters ({InsertedColumns})", _insertedTypes, OrReplace);

    /// <summary>Only what is owed to them still. SQLite keeps the order of a cross join, and finds the rows by their key.</summary>
    private static readonly RowStatement _bury = new(
        $"WITH letters ({InsertedColumns}) AS (",
        _insertedTypes,
        $"""
        )
        INSERT INTO dead_letters ({InsertedColumns})
        SELECT letters.* FROM letters CROSS JOIN deliveries
        WHERE deliveries.registration_key = letters.registration_key AND deliveries.event_seq = letters.event_seq
          AND COALESCE(deliveries.replay_id, '') = COALESCE(letters.replay_id, '')
        {OrReplace}
        """);

    /// <summary>Counts what <see cref="_bury"/> buries for the replays that owed it.</summary>
    private static readonly RowStatement _fail = new(
        "WITH letters (registration_key, event_seq, replay_id) AS (",
        [RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text],
        """
        ), failures (replay_id, number) AS (
          SELECT letters.replay_id, COUNT(*) FROM letters CROSS JOIN deliveries
          WHERE deliveries.registration_key = letters.registration_key AND deliveries.event_seq = letters.event_seq
            AND deliveries.replay_id = letters.replay_id
          GROUP BY letters.replay_id)
        UPDATE replays SET failed = replays.failed + failures.number FROM failures WHERE replays.replay_id = failures.replay_id
        """);

    private const string Columns =
        """
        dead_letter_key AS Key, registration_key AS RegistrationKey, event_seq AS EventSequence, reason AS Reason,
        last_code AS LastCode, attempts AS Attempts, first_attempt_at AS FirstAttemptAt, dead_at AS DeadAt,
        last_delivery_id AS LastDeliveryId, replay_id AS ReplayId
        """;

    private const string ThatOne = "registration_key = @registrationKey AND dead_letter_key = @key";

    private readonly TimeOrderedKeys _keys = new(clock, "dead_letters", "dead_letter_key");

    /// <inheritdoc cref="TimeOrderedKeys.ContinueAsync" />
    public Task ContinueKeysAsync(CancellationToken cancellationToken) => _keys.ContinueAsync(database, cancellationToken);

    /// <summary>
    /// Buries deliveries, in the commit that removes them and before it does: of those whose row is gone or owed by another
    /// nothing is kept, because what it was owed by has ended.
    /// </summary>
    public void Bury(WriteSession session, IReadOnlyCollection<DeadLetter> letters)
    {
        session.ExecuteRows(_bury, Values(letters));
        session.ExecuteRows(
            _fail,
            [
                .. letters.Where(letter => letter.ReplayId is not null)
                    .SelectMany(letter => (object?[])[letter.RegistrationKey, letter.EventSequence, letter.ReplayId]),
            ]);
    }

    /// <summary>Keeps what became of deliveries whose rows the same operation has removed.</summary>
    public void Add(WriteSession session, IReadOnlyCollection<DeadLetter> letters)
    {
        session.ExecuteRows(_insert, Values(letters));
        foreach (var (replayId, failed) in letters.Select(letter => letter.ReplayId).OfType<string>().CountBy(id => id))
        {
            session.ExecutePrepared("UPDATE replays SET failed = failed + @failed WHERE replay_id = @replay", ("failed", failed), ("replay", replayId));
        }
    }

    /// <summary>What was under way when its replay was cancelled was delivered after all: it is no dead letter, in the commit that keeps that.</summary>
    public void Redeem(WriteSession session, DeliveryKey key, string replayId)
    {
        var taken = DeadLetterEnds.Take(
            session, "event_seq = @EventSequence AND registration_key = @RegistrationKey AND replay_id = @replayId",
            new { key.EventSequence, key.RegistrationKey, replayId }, DeadLetterEnds.Delivered, clock.GetUtcNow(), replayId);
        if (taken > 0)
        {
            session.Execute("UPDATE replays SET failed = failed - @taken WHERE replay_id = @replayId", new { taken, replayId });
        }
    }

    /// <summary>Newest first, those before a key.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(
        long registrationKey, DeadLetterFilter filter, long? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM dead_letters WHERE {filter.Where} AND dead_letter_key < @After ORDER BY dead_letter_key DESC LIMIT @Limit",
            filter.Parameters(registrationKey, after, limit), cancellationToken: cancellationToken));
        return [.. rows.Select(r => r.ToLetter())];
    }

    public async Task<DeadLetter?> FindAsync(long registrationKey, long key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM dead_letters WHERE registration_key = @registrationKey AND dead_letter_key = @key",
            new { registrationKey, key }, cancellationToken: cancellationToken));
        return row?.ToLetter();
    }

    /// <summary>The key of the newest that the filter means; null when it means none.</summary>
    public async Task<long?> FindNewestAsync(long registrationKey, DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<long?>(new CommandDefinition(
            $"SELECT MAX(dead_letter_key) FROM dead_letters WHERE {filter.Where}", filter.Parameters(registrationKey), cancellationToken: cancellationToken));
    }

    /// <summary>How many there are of each reason.</summary>
    public async Task<IReadOnlyList<(DeadLetterReason Reason, long Count)>> CountAsync(long registrationKey, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Reason, long Count)>(new CommandDefinition(
            "SELECT reason, COUNT(*) FROM dead_letters WHERE registration_key = @registrationKey GROUP BY reason ORDER BY reason",
            new { registrationKey }, cancellationToken: cancellationToken));
        return [.. rows.Select(r => (DeadLetterWords.ToReason(r.Reason) ?? DeadLetterReason.Internal, r.Count))];
    }

    /// <summary>How many there are of each reason that has any, counted no further than to <paramref name="max"/>.</summary>
    public async Task<IReadOnlyList<(DeadLetterReason Reason, int Count)>> CountUpToAsync(long registrationKey, int max, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var counts = new List<(DeadLetterReason, int)>();
        foreach (var reason in Enum.GetValues<DeadLetterReason>())
        {
            var count = await connection.QuerySingleAsync<int>(new CommandDefinition(
                "SELECT COUNT(*) FROM (SELECT 1 FROM dead_letters WHERE registration_key = @registrationKey AND reason = @word LIMIT @max) AS counted",
                new { registrationKey, word = DeadLetterWords.Of(reason), max }, cancellationToken: cancellationToken));
            if (count > 0)
            {
                counts.Add((reason, count));
            }
        }

        return counts;
    }

    /// <summary>How many were dropped because the registration had too many.</summary>
    public async Task<long> CountDroppedAsync(long registrationKey, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<long>(new CommandDefinition(
            "SELECT dropped FROM dead_letter_drops WHERE registration_key = @registrationKey", new { registrationKey }, cancellationToken: cancellationToken));
    }

    /// <summary>Removes one for good. False when there is none.</summary>
    public Task<bool> PurgeAsync(long registrationKey, long key) =>
        database.WriteAsync(session =>
            DeadLetterEnds.Take(session, ThatOne, new { registrationKey, key }, DeadLetterEnds.Purged, clock.GetUtcNow()) == 1);

    /// <summary>Removes those that the filter means, in commits so small that nobody waits noticeably. Returns how many.</summary>
    public async Task<long> PurgeAsync(long registrationKey, DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        long purged = 0;
        (int Found, int Taken) chunk;
        do
        {
            chunk = await database.WriteAsync(
                session => TakeChunk(session, filter.Where, filter.Parameters(registrationKey, limit: ChunkRows), DeadLetterEnds.Purged), cancellationToken);
            purged += chunk.Taken;
        }
        while (chunk.Found == ChunkRows);
        return purged;
    }

    /// <summary>
    /// Owes the event again, as if it had just been published, unless it is owed already. In the commit that does so the
    /// dead letter goes. False when there is no such dead letter.
    /// </summary>
    public async Task<bool> RedriveAsync(long registrationKey, long key, CancellationToken cancellationToken)
    {
        Failpoints.Pass(Failpoint.RedriveBeforeCommit);
        var isRedriven = await database.WriteAsync(session => Redrive(session, registrationKey, key), cancellationToken);
        Failpoints.Pass(Failpoint.RedriveAfterCommit);
        return isRedriven;
    }

    /// <summary>Removes what is older than the retention, in chunks. Returns how many.</summary>
    public async Task<long> DeleteExpiredAsync(TimeSpan retention, CancellationToken cancellationToken)
    {
        var before = TimeOrderedKeys.FirstOf(clock.GetUtcNow() - retention).ToString(CultureInfo.InvariantCulture);
        long deleted = 0;
        int chunk;
        do
        {
            chunk = await database.WriteAsync(
                session => session.Execute(
                    $"""
                    DELETE FROM dead_letters WHERE dead_letter_key IN (
                      SELECT dead_letter_key FROM dead_letters WHERE dead_letter_key < {before} ORDER BY dead_letter_key LIMIT {ChunkRows})
                    """),
                cancellationToken);
            deleted += chunk;
        }
        while (chunk > 0);
        return deleted;
    }

    /// <summary>The registrations that have dead letters; costs as many look-ups as there are.</summary>
    public async Task<IReadOnlyList<long>> FindRegistrationsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<long>(new CommandDefinition(
            """
            WITH RECURSIVE keys (registration_key) AS (
              SELECT MIN(registration_key) FROM dead_letters
              UNION ALL
              SELECT (SELECT MIN(d.registration_key) FROM dead_letters d WHERE d.registration_key > keys.registration_key)
              FROM keys WHERE keys.registration_key IS NOT NULL)
            SELECT keys.registration_key FROM keys WHERE keys.registration_key IS NOT NULL
            """,
            cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Drops a registration's oldest ones until the most are left, and counts what was dropped. Returns how many.</summary>
    public async Task<long> TrimAsync(long registrationKey, int keptMax, CancellationToken cancellationToken)
    {
        long? newestToDrop;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            newestToDrop = await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
                """
                SELECT dead_letter_key FROM dead_letters WHERE registration_key = @registrationKey
                ORDER BY dead_letter_key DESC LIMIT 1 OFFSET @keptMax
                """,
                new { registrationKey, keptMax }, cancellationToken: cancellationToken));
        }

        long dropped = 0;
        var chunk = (Found: newestToDrop is null ? 0 : ChunkRows, Taken: 0);
        while (chunk.Found == ChunkRows)
        {
            chunk = await database.WriteAsync(session => DropChunk(session, registrationKey, newestToDrop!.Value), cancellationToken);
            dropped += chunk.Taken;
        }

        return dropped;
    }

    private bool Redrive(WriteSession session, long registrationKey, long key)
    {
        var sequence = session.QuerySingleOrDefault<long?>($"SELECT event_seq FROM dead_letters WHERE {ThatOne}", new { registrationKey, key });
        if (sequence is null
            || DeadLetterEnds.Take(session, ThatOne, new { registrationKey, key }, DeadLetterEnds.Redriven, clock.GetUtcNow()) == 0)
        {
            return false;
        }

        session.Execute(
            """
            INSERT INTO deliveries (registration_key, event_seq, next_attempt_at) VALUES (@registrationKey, @sequence, @now)
            ON CONFLICT (registration_key, event_seq) DO NOTHING
            """,
            new { registrationKey, sequence, now = clock.GetUtcNow().ToUnixTimeMilliseconds() });
        return true;
    }

    private List<object?> Values(IReadOnlyCollection<DeadLetter> letters)
    {
        var values = new List<object?>(letters.Count * _insertedTypes.Length);
        foreach (var letter in letters)
        {
            values.AddRange([
                _keys.Next(), letter.RegistrationKey, letter.EventSequence, DeadLetterWords.Of(letter.Reason), letter.LastCode, letter.Attempts,
                letter.FirstAttemptAt?.ToUnixTimeMilliseconds(), letter.DeadAt.ToUnixTimeMilliseconds(), letter.LastDeliveryId, letter.ReplayId]);
        }

        return values;
    }

    private (int Found, int Taken) DropChunk(WriteSession session, long registrationKey, long newestToDrop)
    {
        var chunk = TakeChunk(
            session, "registration_key = @registrationKey AND dead_letter_key <= @newestToDrop",
            new { registrationKey, newestToDrop, Limit = ChunkRows }, DeadLetterEnds.Dropped);
        session.Execute(
            """
            INSERT INTO dead_letter_drops (registration_key, dropped) VALUES (@registrationKey, @Taken)
            ON CONFLICT (registration_key) DO UPDATE SET dropped = dead_letter_drops.dropped + excluded.dropped
            """,
            new { registrationKey, chunk.Taken });
        return chunk;
    }

    /// <summary>
    /// Takes the oldest that are meant, at most <c>@Limit</c>. Whether more are left is told by those that are found: on
    /// PostgreSQL others may take some of them at the same time.
    /// </summary>
    private (int Found, int Taken) TakeChunk(WriteSession session, string where, object parameters, string ending)
    {
        var keys = session.Query<long>($"SELECT dead_letter_key FROM dead_letters WHERE {where} ORDER BY dead_letter_key LIMIT @Limit", parameters);
        return keys.Count == 0
            ? (0, 0)
            : (keys.Count, DeadLetterEnds.Take(session, $"dead_letter_key IN ({SqlList.Of(keys)})", new { }, ending, clock.GetUtcNow()));
    }

    private sealed class Row
    {
        public long Key { get; init; }
        public long RegistrationKey { get; init; }
        public long EventSequence { get; init; }
        public string Reason { get; init; } = "";
        public int? LastCode { get; init; }
        public int Attempts { get; init; }
        public long? FirstAttemptAt { get; init; }
        public long DeadAt { get; init; }
        public string? LastDeliveryId { get; init; }
        public string? ReplayId { get; init; }

        public DeadLetter ToLetter() => new()
        {
            Key = Key,
            RegistrationKey = RegistrationKey,
            EventSequence = EventSequence,
            Reason = DeadLetterWords.ToReason(Reason) ?? DeadLetterReason.Internal,
            LastCode = LastCode,
            Attempts = Attempts,
            FirstAttemptAt = FirstAttemptAt is { } first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null,
            DeadAt = DateTimeOffset.FromUnixTimeMilliseconds(DeadAt),
            LastDeliveryId = LastDeliveryId,
            ReplayId = ReplayId,
        };
    }
}
