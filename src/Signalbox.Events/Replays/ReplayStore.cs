using System.Data;
using Dapper;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Registrations;
using Signalbox.Storage;
using Signalbox.Storage.Faults;

namespace Signalbox.Events.Replays;

/// <summary>
/// The table <c>replays</c>. A replay's cursor moves in the same commit as the deliveries that it owes, so that a crash
/// neither skips nor repeats any.
/// </summary>
internal sealed class ReplayStore(Database database, DeadLetterStore letters, EventsOptions options, TimeProvider clock) : IReplayJobs
{
    /// <summary>Progress counts at most so many events before it begins: an estimate need not read a whole journal.</summary>
    private const int EstimateMax = 1_000_000;

    /// <summary>Places of a journal that one step of a range looks at, those of other times included.</summary>
    private const int LookedAtMax = 1_000;

    /// <summary>Rows that one commit withdraws.</summary>
    private const int ChunkRows = 200;

    /// <summary>Events this near to the end of their retention may be gone before they are delivered.</summary>
    private static readonly TimeSpan _expiryMargin = TimeSpan.FromMinutes(5);

    private const string Columns =
        """
        r.replay_key AS Key, r.replay_id AS Id, r.registration_key AS RegistrationKey, r.kind AS Kind, r.asked AS Asked, r.reason AS Reason,
        r.received_from AS ReceivedFrom, r.received_before AS ReceivedBefore,
        r.state AS State, r.position AS Cursor, r.until_position AS Until, r.total AS Total, r.queued AS Queued, r.skipped AS Skipped,
        r.failed AS Failed, r.created_at AS CreatedAt, r.ended_at AS EndedAt
        """;

    private const string CountOutstanding =
        "CASE WHEN r.ended_at IS NULL THEN (SELECT COUNT(*) FROM deliveries d WHERE d.replay_id = r.replay_id) ELSE 0 END";

    /// <summary>Its retries may be many, and wait for hours: whoever looks often only wants to know whether there are any.</summary>
    private const string FindOutstanding =
        "CASE WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.replay_id = r.replay_id) THEN 1 ELSE 0 END";

    /// <summary>
    /// The row's lock: another node that works on the same replay waits here, and then sees the moved cursor. Its
    /// registration may have been paused or deleted since the runner looked.
    /// </summary>
    private const string LockSql =
        $"""
        UPDATE replays SET position = position WHERE replay_id = @replay AND state = 'running' AND EXISTS (
          SELECT 1 FROM registrations r WHERE r.registration_key = replays.registration_key
            AND {RegistrationRow.IsPushing})
        RETURNING position
        """;

    private const string OweSql =
        """
        INSERT INTO deliveries (registration_key, event_seq, next_attempt_at, replay_id)
        SELECT @registration, e.event_seq, @now, @replay FROM events e WHERE e.event_seq = @event AND (@always OR e.received_at > @oldest)
        ON CONFLICT (registration_key, event_seq) DO NOTHING
        """;

    private const string PlacesAhead =
        "SELECT event_seq, received_at FROM journal WHERE registration_key = @RegistrationKey AND event_seq > @cursor AND event_seq <= @Until ORDER BY event_seq";

    private const string IsOfItsTimes =
        "(@from IS NULL OR received_at >= @from) AND (@before IS NULL OR received_at < @before)";

    /// <summary>The event's dead letter, once the event is owed again.</summary>
    private const string NowOwed =
        """
        event_seq = @sequence AND registration_key = @RegistrationKey
          AND EXISTS (SELECT 1 FROM deliveries d WHERE d.registration_key = @RegistrationKey AND d.event_seq = @sequence)
        """;

    private readonly TimeOrderedKeys _keys = new(clock, "replays", "replay_key");

    /// <summary>The sequence of an event, if it stands in the registration's journal.</summary>
    public async Task<long?> FindEventAsync(long registrationKey, Guid eventId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            """
            SELECT e.event_seq FROM events e JOIN journal j ON j.event_seq = e.event_seq AND j.registration_key = @registrationKey
            WHERE e.event_id = @id
            """,
            new { registrationKey, id = eventId.ToString("D") }, cancellationToken: cancellationToken));
    }

    /// <summary>
    /// The bounds of what was received in a range of time: the position before the first event, and the last. After the
    /// clock was set back the earliest event need not be the first, so that all of the range are looked at.
    /// </summary>
    public async Task<(long Before, long Last)> FindRangeAsync(ReplaySelection.Range range, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);

        // Of a bare minimum PostgreSQL thinks that it finds it soon by walking all events in their order.
        var (first, last) = await connection.QuerySingleAsync<(long? First, long? Last)>(new CommandDefinition(
            "SELECT MIN(event_seq + 0), MAX(event_seq + 0) FROM events WHERE received_at >= @from AND received_at < @to",
            new { from = range.From.ToUnixTimeMilliseconds(), to = range.To.ToUnixTimeMilliseconds() }, cancellationToken: cancellationToken));
        return first is { } from && last is { } until ? (from - 1, until) : (0, 0);
    }

    /// <summary>How many events or dead letters a replay means, at most <see cref="EstimateMax"/>.</summary>
    public async Task<long> EstimateAsync(Replay replay, CancellationToken cancellationToken)
    {
        var rows = replay.Kind == ReplaySelection.Failed.Word
            ? "dead_letters WHERE registration_key = @RegistrationKey AND dead_letter_key > @cursor AND dead_letter_key <= @Until"
                + (replay.Reason is null ? "" : " AND reason = @Reason")
            : $"({PlacesAhead}) AS ahead WHERE {IsOfItsTimes}";
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<long>(new CommandDefinition(
            $"SELECT COUNT(*) FROM (SELECT 1 AS one FROM {rows} LIMIT {EstimateMax}) AS meant", ParametersOf(replay, replay.Cursor), cancellationToken: cancellationToken));
    }

    /// <inheritdoc cref="TimeOrderedKeys.ContinueAsync" />
    public Task ContinueKeysAsync(CancellationToken cancellationToken) => _keys.ContinueAsync(database, cancellationToken);

    public long NextKey() => _keys.Next();

    /// <summary>Adds a replay unless too many run. False then.</summary>
    public Task<bool> InsertAsync(Replay replay) =>
        database.WriteAsync(session =>
        {
            // The counter's row lock lets one insert at a time pass on every node, so that the limits hold.
            session.Execute("UPDATE counters SET value = value WHERE name = 'registration_key'");
            var running = session.Query<long>("SELECT registration_key FROM replays WHERE ended_at IS NULL");
            if (running.Count >= options.ReplaysMax || running.Count(key => key == replay.RegistrationKey) >= options.ReplaysPerRegistrationMax)
            {
                return false;
            }

            session.Execute(
                """
                INSERT INTO replays (replay_key, replay_id, registration_key, kind, asked, reason, received_from,
                  received_before, state, position, until_position, total, queued, skipped, failed, created_at)
                VALUES (@Key, @Id, @RegistrationKey, @Kind, @Asked, @Reason, @From, @Before, 'running', @Cursor, @Until, @Total, 0, 0, 0, @At)
                """,
                new
                {
                    replay.Key,
                    replay.Id,
                    replay.RegistrationKey,
                    replay.Kind,
                    replay.Asked,
                    replay.Reason,
                    From = replay.ReceivedFrom?.ToUnixTimeMilliseconds(),
                    Before = replay.ReceivedBefore?.ToUnixTimeMilliseconds(),
                    replay.Cursor,
                    replay.Until,
                    replay.Total,
                    At = replay.CreatedAt.ToUnixTimeMilliseconds(),
                });
            return true;
        });

    /// <summary>Newest first, those before a key.</summary>
    public Task<IReadOnlyList<Replay>> ListAsync(long registrationKey, long? after, int limit, CancellationToken cancellationToken) =>
        QueryAsync(
            "r.registration_key = @registrationKey AND r.replay_key < @after ORDER BY r.replay_key DESC LIMIT @limit",
            new { registrationKey, after = after ?? long.MaxValue, limit }, cancellationToken);

    public async Task<Replay?> FindAsync(long registrationKey, string id, CancellationToken cancellationToken) =>
        (await QueryAsync("r.registration_key = @registrationKey AND r.replay_id = @id", new { registrationKey, id }, cancellationToken)).FirstOrDefault();

    /// <inheritdoc />
    public Task<IReadOnlyList<Replay>> ListActiveAsync(CancellationToken cancellationToken) =>
        QueryAsync("r.ended_at IS NULL ORDER BY r.replay_key", new { }, cancellationToken, FindOutstanding);

    /// <summary>Stops a replay; what it owes is withdrawn by <see cref="WithdrawAsync"/>. False when it has ended.</summary>
    public Task<bool> CancelAsync(string id) =>
        database.WriteAsync(session => session.Execute(
            "UPDATE replays SET state = 'cancelling' WHERE replay_id = @id AND ended_at IS NULL", new { id }) == 1);

    /// <inheritdoc />
    public async Task<int> CountDueAsync(long registrationKey, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<int>(new CommandDefinition(
            """
            SELECT COUNT(*) FROM deliveries WHERE next_attempt_at <= @now
              AND replay_id IN (SELECT replay_id FROM replays WHERE registration_key = @registrationKey AND ended_at IS NULL)
            """,
            new { registrationKey, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken: cancellationToken));
    }

    /// <summary>When the first of a replay's deliveries is due; null when it owes none.</summary>
    public async Task<DateTimeOffset?> FindNextAttemptAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var next = await connection.QuerySingleAsync<long?>(new CommandDefinition(
            "SELECT MIN(next_attempt_at) FROM deliveries WHERE replay_id = @id", new { id }, cancellationToken: cancellationToken));
        return next is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }

    /// <inheritdoc />
    public async Task<int?> AdvanceAsync(Replay replay, int limit, CancellationToken cancellationToken)
    {
        Failpoints.Pass(Failpoint.ReplayBeforeCommit);
        var owed = await database.WriteAsync(session => Advance(session, replay, limit), cancellationToken);
        Failpoints.Pass(Failpoint.ReplayAfterCommit);
        return owed;
    }

    /// <inheritdoc />
    public async Task<bool> WithdrawAsync(Replay replay, CancellationToken cancellationToken)
    {
        var (withdrawn, isLast) = await database.WriteAsync(session => Withdraw(session, replay), cancellationToken);
        DeadLetterMetrics.Count(withdrawn);
        return isLast;
    }

    /// <inheritdoc />
    public Task EndAsync(string id, ReplayState state, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                "UPDATE replays SET state = @state, ended_at = @now WHERE replay_id = @id AND ended_at IS NULL",
                new { id, state = ReplayWords.Of(state), now = clock.GetUtcNow().ToUnixTimeMilliseconds() }),
            cancellationToken);

    /// <inheritdoc />
    public Task<int> DeleteEndedAsync(TimeSpan age, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                "DELETE FROM replays WHERE ended_at < @before", new { before = (clock.GetUtcNow() - age).ToUnixTimeMilliseconds() }),
            cancellationToken);

    private (IReadOnlyList<DeadLetter> Withdrawn, bool IsLast) Withdraw(WriteSession session, Replay replay)
    {
        // Those that are found are counted, not those that go: on PostgreSQL the outcome of some may be kept meanwhile.
        var owed = session.Query<long>(
            "SELECT event_seq FROM deliveries WHERE replay_id = @Id ORDER BY event_seq LIMIT @ChunkRows", new { replay.Id, ChunkRows });
        if (owed.Count == 0)
        {
            return ([], true);
        }

        var rows = session.Query<(long Event, int RetryCount, long? FirstAttemptAt)>(
            $"""
            DELETE FROM deliveries WHERE replay_id = @Id AND event_seq IN ({SqlList.Of(owed)})
            RETURNING event_seq, retry_count, first_attempt_at
            """,
            new { replay.Id });
        DeadLetter[] withdrawn =
        [
            .. rows.Select(row => new DeadLetter
            {
                RegistrationKey = replay.RegistrationKey,
                EventSequence = row.Event,
                Reason = DeadLetterReason.ReplayCancelled,
                Attempts = row.RetryCount,
                FirstAttemptAt = row.FirstAttemptAt is { } first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null,
                DeadAt = clock.GetUtcNow(),
                ReplayId = replay.Id,
            }),
        ];
        letters.Add(session, withdrawn);
        return (withdrawn, owed.Count < ChunkRows);
    }

    private int? Advance(WriteSession session, Replay replay, int limit)
    {
        var cursor = session.ScalarPrepared<long?>(LockSql, ("replay", replay.Id));
        if (cursor is null)
        {
            return null;
        }

        var isFailed = replay.Kind == ReplaySelection.Failed.Word;
        var parameters = ParametersOf(replay, cursor.Value, limit);
        var next = session.Query<(long Position, long Event)>(
            isFailed
                ? "SELECT dead_letter_key, event_seq FROM dead_letters WHERE registration_key = @RegistrationKey AND dead_letter_key > @cursor"
                    + " AND dead_letter_key <= @Until" + (replay.Reason is null ? "" : " AND reason = @Reason") + " ORDER BY dead_letter_key LIMIT @limit"
                : $"SELECT event_seq, event_seq FROM ({PlacesAhead} LIMIT {LookedAtMax}) AS ahead WHERE {IsOfItsTimes} ORDER BY event_seq LIMIT @limit",
            parameters);
        var lookedAt = next.Count == limit ? next[^1].Position
            : isFailed ? replay.Until
            : session.QuerySingleOrDefault<long?>($"SELECT event_seq FROM ({PlacesAhead} LIMIT 1 OFFSET {LookedAtMax - 1}) AS ahead", parameters) ?? replay.Until;
        var now = clock.GetUtcNow();
        var queued = 0;
        foreach (var (_, sequence) in next)
        {
            // A dead letter keeps its event; other events must not expire before they are delivered.
            queued += session.ExecutePrepared(
                OweSql,
                ("registration", replay.RegistrationKey), ("event", sequence), ("now", now.ToUnixTimeMilliseconds()), ("replay", replay.Id),
                ("always", isFailed), ("oldest", (now - options.JournalRetention + _expiryMargin).ToUnixTimeMilliseconds()));
            DeadLetterEnds.Take(session, NowOwed, new { sequence, replay.RegistrationKey }, DeadLetterEnds.Replayed, now, replay.Id);
        }

        session.Execute(
            "UPDATE replays SET position = @position, queued = queued + @queued, skipped = skipped + @skipped WHERE replay_id = @Id",
            new { position = lookedAt, queued, skipped = next.Count - queued, replay.Id });
        return queued;
    }

    private static DynamicParameters ParametersOf(Replay replay, long cursor, int limit = 0)
    {
        var parameters = new DynamicParameters(new { replay.RegistrationKey, cursor, replay.Until, replay.Reason, limit });
        parameters.Add("from", replay.ReceivedFrom?.ToUnixTimeMilliseconds(), DbType.Int64);
        parameters.Add("before", replay.ReceivedBefore?.ToUnixTimeMilliseconds(), DbType.Int64);
        return parameters;
    }

    private async Task<IReadOnlyList<Replay>> QueryAsync(
        string where, object parameters, CancellationToken cancellationToken, string outstanding = CountOutstanding)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns}, {outstanding} AS Outstanding FROM replays r WHERE {where}", parameters, cancellationToken: cancellationToken));
        return [.. rows.Select(r => r.ToReplay())];
    }

    private sealed class Row
    {
        public long Key { get; init; }
        public string Id { get; init; } = "";
        public long RegistrationKey { get; init; }
        public string Kind { get; init; } = "";
        public string Asked { get; init; } = "";
        public string? Reason { get; init; }
        public long? ReceivedFrom { get; init; }
        public long? ReceivedBefore { get; init; }
        public string State { get; init; } = "";
        public long Cursor { get; init; }
        public long Until { get; init; }
        public long Total { get; init; }
        public long Queued { get; init; }
        public long Skipped { get; init; }
        public long Failed { get; init; }
        public long Outstanding { get; init; }
        public long CreatedAt { get; init; }
        public long? EndedAt { get; init; }

        public Replay ToReplay() => new()
        {
            Key = Key,
            Id = Id,
            RegistrationKey = RegistrationKey,
            Kind = Kind,
            Asked = Asked,
            Reason = Reason,
            ReceivedFrom = At(ReceivedFrom),
            ReceivedBefore = At(ReceivedBefore),
            State = ReplayWords.ToState(State),
            Cursor = Cursor,
            Until = Until,
            Total = Total,
            Queued = Queued,
            Skipped = Skipped,
            Failed = Failed,
            Outstanding = Outstanding,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            EndedAt = At(EndedAt),
        };

        private static DateTimeOffset? At(long? milliseconds) => milliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }
}
