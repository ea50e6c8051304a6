using System.Threading.Channels;
using Dapper;
using Signalbox.Events.Stories;
using Signalbox.Storage;

namespace Signalbox.Events.Tracing;

/// <summary>The table <c>traces</c>: at least the last 100 successes and 100 errors of each registration, for at most 7 days.</summary>
/// <remarks>
/// Errors are stored together with the outcome of their attempt. Successes are held for up to a second
/// (<see cref="TraceFlusher"/>), so that a registration with thousands of deliveries a second writes 100 traces a
/// second; a crash loses that second. A reader sees those of this process at once, and of other nodes a second later.
/// </remarks>
internal sealed class TraceStore(Database database, TimeProvider clock) : IDisposable
{
    /// <summary>Successes, and errors, that a registration shows.</summary>
    public const int ShownMax = 100;

    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>
    /// Old traces go with about every so-manieth insert, so that no insert has to look for them each time. Its key, half of
    /// which is random, says which: counting would need a number for each registration.
    /// </summary>
    private const int InsertsPerPrune = 50;

    /// <summary>Rows of one operation, so that a flush of many registrations does not hold up others.</summary>
    private const int RowsPerWrite = 512;

    private static readonly RowStatement _insert = new(
        "INSERT INTO traces (trace_key, registration_key, delivery_id, event_code, provider, code, retry_count, duration_ms, is_success, attempted_at, document)",
        [
            RowColumn.BigInt, RowColumn.BigInt, RowColumn.Text, RowColumn.Text, RowColumn.Text, RowColumn.Integer,
            RowColumn.Integer, RowColumn.BigInt, RowColumn.Boolean, RowColumn.BigInt, RowColumn.Bytes,
        ],
        "ON CONFLICT (trace_key) DO NOTHING");

    private const string PruneSql = """
        DELETE FROM traces WHERE registration_key = @registration AND is_success = @success AND trace_key < (
          SELECT MIN(trace_key) FROM (
            SELECT trace_key FROM traces WHERE registration_key = @registration AND is_success = @success
            ORDER BY trace_key DESC LIMIT 100) newest)
        """;

    private const string ListSql = """
        SELECT document FROM (
          SELECT trace_key, document FROM (
            SELECT trace_key, document FROM traces
            WHERE registration_key = @registration AND is_success = @yes AND attempted_at >= @since
            ORDER BY trace_key DESC LIMIT @limit) successes
          UNION ALL
          SELECT trace_key, document FROM (
            SELECT trace_key, document FROM traces
            WHERE registration_key = @registration AND is_success = @no AND attempted_at >= @since
            ORDER BY trace_key DESC LIMIT @limit) errors) both_kinds
        ORDER BY trace_key DESC
        """;

    /// <summary>The same traces without their documents, which are most of their bytes.</summary>
    private const string SummarizeSql = $"""
        SELECT * FROM (
          SELECT {SummaryColumns} FROM traces
          WHERE registration_key = @registration AND is_success = @yes AND attempted_at >= @since
          ORDER BY trace_key DESC LIMIT @limit) successes
        UNION ALL
        SELECT * FROM (
          SELECT {SummaryColumns} FROM traces
          WHERE registration_key = @registration AND is_success = @no AND attempted_at >= @since
          ORDER BY trace_key DESC LIMIT @limit) errors
        """;

    private const string SummaryColumns =
        """
        trace_key AS Key, delivery_id AS DeliveryId, event_code AS EventCode, provider AS Provider, code AS Code,
        retry_count AS RetryCount, duration_ms AS DurationMs, attempted_at AS AttemptedAt
        """;

    private readonly HeldTraces _held = new();
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly TimeOrderedKeys _keys = new(clock, "traces", "trace_key");

    /// <inheritdoc cref="TimeOrderedKeys.ContinueAsync" />
    public Task ContinueKeysAsync(CancellationToken cancellationToken) => _keys.ContinueAsync(database, cancellationToken);

    /// <summary>
    /// Holds a success until the next flush, when only the newest <see cref="ShownMax"/> of a registration are stored.
    /// False when it must be stored at once.
    /// </summary>
    public bool TryHold(DeliveryTrace trace)
    {
        if (!trace.IsSuccess || !_held.TryAdd(_keys.Next(), trace, out var isFirst))
        {
            return false;
        }

        if (isFirst)
        {
            _bell.Writer.TryWrite(true);
        }

        return true;
    }

    /// <summary>Ends when something is held.</summary>
    public async Task WaitForHeldAsync(CancellationToken cancellationToken) => await _bell.Reader.ReadAsync(cancellationToken);

    /// <summary>Stores what is held. One flush runs at a time, so that afterwards everything held before is stored.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            // All at once, so that they share a commit however many registrations there are.
            var (traces, attempts) = _held.TakeAll();
            await Task.WhenAll(
            [
                .. traces.SelectMany(ofOne => ofOne).Chunk(RowsPerWrite).Select(some =>
                {
                    PreparedTrace[] prepared = [.. some.Select(held => Prepare(held.Key, held.Trace))];
                    return database.WriteAsync(session => Write(session, prepared), CancellationToken.None);
                }),
                .. attempts.Chunk(RowsPerWrite).Select(some => database.WriteAsync(session => AttemptLog.Write(session, some), CancellationToken.None)),
            ]);
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>Makes a trace ready to be written by whoever runs the operation; its document is composed now.</summary>
    public PreparedTrace Prepare(DeliveryTrace trace) => Prepare(_keys.Next(), trace) with { Attempts = trace.Attempts };

    /// <summary>Inserts traces within an operation, and now and then removes what is too old to be shown.</summary>
    public static void Write(WriteSession session, IReadOnlyCollection<PreparedTrace> traces)
    {
        session.ExecuteRows(_insert, [.. traces.SelectMany(trace => trace.Row)]);
        AttemptLog.Write(session, [.. traces.SelectMany(trace => trace.Attempts)]);
        foreach (var (registrationKey, isSuccess) in traces.Where(trace => trace.Prunes).Select(trace => trace.Kind).Distinct())
        {
            session.ExecutePrepared(PruneSql, ("registration", registrationKey), ("success", isSuccess));
        }
    }

    public Task InsertAsync(DeliveryTrace trace, CancellationToken cancellationToken)
    {
        PreparedTrace[] prepared = [Prepare(trace)];
        return database.WriteAsync(session => Write(session, prepared), cancellationToken);
    }

    /// <summary>The documents that a registration shows, newest first.</summary>
    public async Task<IReadOnlyList<byte[]>> ListAsync(long registrationKey, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<byte[]>(new CommandDefinition(
            ListSql, ShownOf(registrationKey), cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>What <see cref="ListAsync"/> shows, newest first, without the documents.</summary>
    public async Task<IReadOnlyList<TraceSummary>> SummarizeAsync(long registrationKey, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<SummaryRow>(new CommandDefinition(
            SummarizeSql, ShownOf(registrationKey), cancellationToken: cancellationToken));
        return [.. rows.OrderByDescending(r => r.Key).Select(r => r.ToSummary())];
    }

    /// <summary>The document of a trace by its key; null when it is not kept any more.</summary>
    public async Task<byte[]?> FindAsync(long registrationKey, long key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<byte[]>(new CommandDefinition(
            "SELECT document FROM traces WHERE trace_key = @key AND registration_key = @registrationKey",
            new { registrationKey, key }, cancellationToken: cancellationToken));
    }

    /// <summary>The document of one attempt; null when it is not kept any more.</summary>
    public async Task<byte[]?> FindAsync(long registrationKey, string deliveryId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<byte[]>(new CommandDefinition(
            "SELECT document FROM traces WHERE registration_key = @registrationKey AND delivery_id = @deliveryId",
            new { registrationKey, deliveryId }, cancellationToken: cancellationToken));
    }

    public void Dispose() => _flushing.Dispose();

    /// <summary>Deletes traces of earlier attempts, at most so many. Returns how many; others may delete some of them at the same time.</summary>
    public Task<int> DeleteAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                """
                DELETE FROM traces WHERE trace_key IN (
                  SELECT trace_key FROM traces WHERE attempted_at < @before ORDER BY attempted_at LIMIT @limit)
                """,
                new { before = before.ToUnixTimeMilliseconds(), limit }),
            cancellationToken);

    private object ShownOf(long registrationKey) => new
    {
        registration = registrationKey,
        yes = true,
        no = false,
        since = (clock.GetUtcNow() - Retention).ToUnixTimeMilliseconds(),
        limit = ShownMax,
    };

    private static PreparedTrace Prepare(long key, DeliveryTrace trace) => new()
    {
        Kind = (trace.RegistrationKey, trace.IsSuccess),
        Row =
        [
            key, trace.RegistrationKey, trace.DeliveryId, trace.EventCode, trace.Provider,
            trace.Code, trace.RetryCount, (long)trace.Duration.TotalMilliseconds, trace.IsSuccess,
            trace.AttemptedAt.ToUnixTimeMilliseconds(), trace.WriteDocument(),
        ],
        Prunes = key % InsertsPerPrune == 0,
    };

    private sealed class SummaryRow
    {
        public long Key { get; init; }
        public string DeliveryId { get; init; } = "";
        public string EventCode { get; init; } = "";
        public string Provider { get; init; } = "";
        public int Code { get; init; }
        public int RetryCount { get; init; }
        public long DurationMs { get; init; }
        public long AttemptedAt { get; init; }

        public TraceSummary ToSummary() => new()
        {
            Key = Key,
            DeliveryId = DeliveryId,
            EventCode = EventCode,
            Provider = Provider,
            Code = Code,
            RetryCount = RetryCount,
            Duration = TimeSpan.FromMilliseconds(DurationMs),
            AttemptedAt = DateTimeOffset.FromUnixTimeMilliseconds(AttemptedAt),
        };
    }
}
