using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Stories;

/// <summary>
/// The table <c>attempts</c>: what each event's story tells of its deliveries. Of a series it keeps the first attempts and
/// the latest ones; rows go together with their event.
/// </summary>
internal sealed class AttemptLog(Database database)
{
    /// <summary>Attempts of a series that are kept from its beginning, and as many from its end.</summary>
    public const int KeptEachEnd = 8;

    /// <summary>An event may be redriven and replayed any number of times; a story is still read by people.</summary>
    public const int ReadMax = 64;

    private static readonly RowStatement _upsert = new(
        "INSERT INTO attempts (event_seq, registration_key, series_at, slot, attempted_at, retry_count, delivery_id, code, duration_ms, activation_id, replay_id)",
        [
            RowColumn.BigInt, RowColumn.BigInt, RowColumn.BigInt, RowColumn.Integer, RowColumn.BigInt, RowColumn.Integer,
            RowColumn.Text, RowColumn.Integer, RowColumn.BigInt, RowColumn.Text, RowColumn.Text,
        ],
        """
        ON CONFLICT (event_seq, registration_key, series_at, slot) DO UPDATE SET
          attempted_at = excluded.attempted_at, retry_count = excluded.retry_count, delivery_id = excluded.delivery_id,
          code = excluded.code, duration_ms = excluded.duration_ms, activation_id = excluded.activation_id,
          replay_id = excluded.replay_id
        """);

    /// <summary>
    /// An event's latest attempts for some registrations, in order of time: at most <see cref="ReadMax"/> for each, so that
    /// none is told without its own, however many there are.
    /// </summary>
    public async Task<IReadOnlyList<RecordedAttempt>> ReadAsync(
        long eventSequence, IReadOnlyCollection<long> registrationKeys, CancellationToken cancellationToken)
    {
        if (registrationKeys.Count == 0)
        {
            return [];
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT * FROM (
              SELECT registration_key AS RegistrationKey, series_at AS SeriesAt, attempted_at AS AttemptedAt, retry_count AS RetryCount,
                delivery_id AS DeliveryId, code AS Code, duration_ms AS DurationMs, activation_id AS ActivationId, replay_id AS ReplayId,
                ROW_NUMBER() OVER (PARTITION BY registration_key ORDER BY attempted_at DESC, retry_count DESC) AS Rank,
                COUNT(*) OVER (PARTITION BY registration_key) AS OfRegistration
              FROM attempts WHERE event_seq = @eventSequence AND registration_key IN ({SqlList.Of(registrationKeys)})) AS ranked
            WHERE Rank <= @limit ORDER BY AttemptedAt, RetryCount
            """,
            new { eventSequence, limit = ReadMax },
            cancellationToken: cancellationToken));
        return [.. rows.Select(row => row.ToAttempt(eventSequence))];
    }

    /// <summary>Inserts attempts within an operation.</summary>
    public static void Write(WriteSession session, IReadOnlyCollection<RecordedAttempt> attempts)
    {
        // One statement must not name a row twice, as a first attempt and its repetition within a millisecond would.
        var values = new List<object?>(attempts.Count * _upsert.Columns.Count);
        foreach (var attempt in attempts.DistinctBy(a => (a.EventSequence, a.RegistrationKey, a.SeriesAt.ToUnixTimeMilliseconds(), SlotOf(a.RetryCount))))
        {
            values.Add(attempt.EventSequence);
            values.Add(attempt.RegistrationKey);
            values.Add(attempt.SeriesAt.ToUnixTimeMilliseconds());
            values.Add(SlotOf(attempt.RetryCount));
            values.Add(attempt.AttemptedAt.ToUnixTimeMilliseconds());
            values.Add(attempt.RetryCount);
            values.Add(attempt.DeliveryId);
            values.Add(attempt.Code);
            values.Add((long)attempt.Duration.TotalMilliseconds);
            values.Add(attempt.ActivationId);
            values.Add(attempt.ReplayId);
        }

        session.ExecuteRows(_upsert, values);
    }

    private static int SlotOf(int retryCount) => retryCount < KeptEachEnd ? retryCount : KeptEachEnd + (retryCount % KeptEachEnd);

    private sealed class Row
    {
        public long RegistrationKey { get; init; }

        public long SeriesAt { get; init; }

        public long AttemptedAt { get; init; }

        public int RetryCount { get; init; }

        public string DeliveryId { get; init; } = "";

        public int Code { get; init; }

        public long DurationMs { get; init; }

        public string? ActivationId { get; init; }

        public string? ReplayId { get; init; }

        public long Rank { get; init; }

        public long OfRegistration { get; init; }

        public RecordedAttempt ToAttempt(long eventSequence) => new()
        {
            EventSequence = eventSequence,
            RegistrationKey = RegistrationKey,
            SeriesAt = DateTimeOffset.FromUnixTimeMilliseconds(SeriesAt),
            AttemptedAt = DateTimeOffset.FromUnixTimeMilliseconds(AttemptedAt),
            RetryCount = RetryCount,
            DeliveryId = DeliveryId,
            Code = Code,
            Duration = TimeSpan.FromMilliseconds(DurationMs),
            ActivationId = ActivationId,
            ReplayId = ReplayId,
            Earlier = (int)(OfRegistration - Rank),
        };
    }
}
