using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Registrations;
using Signalbox.Storage;

namespace Signalbox.Events.Journal;

/// <summary>
/// Deletes what has outlived the retention, in batches so small that no publish waits noticeably: first each
/// journal's places, then the events, except those that a delivery or a dead letter still needs, then the deleted registrations of
/// which nothing is left. Readers do not depend on its pace: they skip expired events by themselves.
/// </summary>
internal sealed partial class JournalRetention(
    Database database,
    RegistrationDirectory registrations,
    EventsOptions options,
    TimeProvider clock,
    ILogger<JournalRetention> logger) : BackgroundService
{
    /// <summary>Rows of one delete.</summary>
    private const int BatchRows = 500;

    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What has expired must go, but not at once: a pass is spread over about this time, however much there is, so that the
    /// log of the database, which publishes wait for, is not flooded.
    /// </summary>
    private static readonly TimeSpan _passTime = TimeSpan.FromMinutes(3);

    /// <summary>Between two deletes, at least: commits of others come first.</summary>
    private static readonly TimeSpan _restMin = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan _restMax = TimeSpan.FromMilliseconds(100);

    /// <summary>One pass without rests: deletes everything that has expired by now. Returns the number of events deleted.</summary>
    public Task<int> DeleteExpiredAsync(CancellationToken cancellationToken) => DeleteExpiredAsync(_ => TimeSpan.Zero, cancellationToken);

    /// <summary>The rest after each delete of a pass over so many sequences: their places go, then they themselves.</summary>
    private static TimeSpan RestFor(long sequences)
    {
        var rest = _passTime / Math.Max(1, 2 * sequences / BatchRows);
        return rest < _restMin ? _restMin : rest > _restMax ? _restMax : rest;
    }

    private async Task<int> DeleteExpiredAsync(Func<long, TimeSpan> restFor, CancellationToken cancellationToken)
    {
        var cutoff = (clock.GetUtcNow() - options.JournalRetention).ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync(cancellationToken);
        // Sequences keep the order of times, so one number divides the expired from the rest; what was accepted before the
        // clock was set back stands before it, and stays until it has expired itself.
        var lastExpired = await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT event_seq FROM events WHERE received_at <= @cutoff ORDER BY received_at DESC, event_seq DESC LIMIT 1",
            new { cutoff }, cancellationToken: cancellationToken));
        if (lastExpired is not { } last)
        {
            return 0;
        }

        var first = await connection.QuerySingleAsync<long>(new CommandDefinition(
            "SELECT MIN(event_seq) FROM events", cancellationToken: cancellationToken));
        var rest = restFor(last - first + 1);
        long? registration = -1;
        while ((registration = await connection.QuerySingleAsync<long?>(new CommandDefinition(
            "SELECT MIN(registration_key) FROM journal WHERE registration_key > @registration",
            new { registration }, cancellationToken: cancellationToken))) is { } key)
        {
            var seen = new SeenPlaces(-1, AreGone: true);
            while (await DeletePlacesAsync(key, seen, last, cutoff, cancellationToken) is { } more)
            {
                seen = more;
                await Task.Delay(rest, clock, cancellationToken);
            }
        }

        return await DeleteEventsAsync(last, cutoff, rest, cancellationToken);
    }

    /// <summary>
    /// Forgets registrations that were deleted longer ago than the retention: what they had journaled has expired, and
    /// no publish that still knew them can run. Returns how many.
    /// </summary>
    public Task<int> PurgeRegistrationsAsync(CancellationToken cancellationToken) =>
        registrations.PurgeAsync(clock.GetUtcNow() - options.JournalRetention, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var deleted = await DeleteExpiredAsync(RestFor, stoppingToken);
                if (deleted > 0)
                {
                    Log.Deleted(logger, deleted);
                }

                var purged = await PurgeRegistrationsAsync(stoppingToken);
                if (purged > 0)
                {
                    Log.Purged(logger, purged);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.PassFailed(logger, exception);
            }
        }
    }

    /// <summary>Deletes a journal's oldest expired places and remembers how far, for readers who stand before it.</summary>
    /// <param name="registrationKey">The journal.</param>
    /// <param name="seen">How far this pass is already: PostgreSQL would step over all that it has not cleaned up yet.</param>
    /// <param name="lastExpired">The last one that may go.</param>
    /// <param name="cutoff">What was received later stays.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How far it is now; null when none was left.</returns>
    private Task<SeenPlaces?> DeletePlacesAsync(
        long registrationKey, SeenPlaces seen, long lastExpired, long cutoff, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var (oldest, kept) = session.QuerySingleOrDefault<(long? Last, long? FirstKept)>(
                    """
                    SELECT MAX(event_seq), MIN(CASE WHEN received_at > @cutoff THEN event_seq END) FROM (
                      SELECT event_seq, received_at FROM journal
                      WHERE registration_key = @registrationKey AND event_seq > @Last AND event_seq <= @lastExpired
                      ORDER BY event_seq LIMIT @BatchRows) AS oldest
                    """,
                    new { registrationKey, seen.Last, lastExpired, cutoff, BatchRows });
                if (oldest is not { } last)
                {
                    return (SeenPlaces?)null;
                }

                if (seen.AreGone)
                {
                    session.Execute(
                        """
                        INSERT INTO journal_expiry (registration_key, expired_seq) VALUES (@registrationKey, @expired)
                        ON CONFLICT (registration_key) DO UPDATE SET expired_seq = excluded.expired_seq
                          WHERE journal_expiry.expired_seq < excluded.expired_seq
                        """,
                        new { registrationKey, expired = kept - 1 ?? last });
                }

                session.Execute(
                    """
                    DELETE FROM journal
                    WHERE registration_key = @registrationKey AND event_seq > @Last AND event_seq <= @upTo AND received_at <= @cutoff
                    """,
                    new { registrationKey, seen.Last, upTo = last, cutoff });
                return new SeenPlaces(last, seen.AreGone && kept is null);
            },
            cancellationToken);

    private async Task<int> DeleteEventsAsync(long lastExpired, long cutoff, TimeSpan rest, CancellationToken cancellationToken)
    {
        var deleted = 0;
        long after = -1;
        while (true)
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            var batch = (await connection.QueryAsync<long>(new CommandDefinition(
                "SELECT event_seq FROM events WHERE event_seq > @after AND event_seq <= @lastExpired ORDER BY event_seq LIMIT @BatchRows",
                new { after, lastExpired, BatchRows }, cancellationToken: cancellationToken))).AsList();
            if (batch.Count == 0)
            {
                return deleted;
            }

            // Deliveries are only added together with their event, out of a dead letter, or by a replay of an event that is
            // minutes away from its expiry: what nobody is owed now, nobody will be.
            var needed = (await connection.QueryAsync<long>(new CommandDefinition(
                """
                SELECT d.event_seq FROM registrations r
                  JOIN deliveries d ON d.registration_key = r.registration_key AND d.event_seq BETWEEN @First AND @Last
                UNION SELECT event_seq FROM dead_letters WHERE event_seq BETWEEN @First AND @Last
                UNION SELECT event_seq FROM events WHERE event_seq BETWEEN @First AND @Last AND +received_at > @cutoff
                """,
                new { First = batch[0], Last = batch[^1], cutoff }, cancellationToken: cancellationToken))).ToHashSet();
            // One statement a table, however many rows it touches.
            var but = needed.Count == 0 ? "" : $" AND event_seq NOT IN ({SqlList.Of(needed)})";
            var range = new { First = batch[0], Last = batch[^1] };
            var count = await database.WriteAsync(
                session =>
                {
                    session.Execute("DELETE FROM attempts WHERE event_seq BETWEEN @First AND @Last" + but, range);
                    session.Execute("DELETE FROM dead_letter_ends WHERE event_seq BETWEEN @First AND @Last" + but, range);
                    return session.Execute("DELETE FROM events WHERE event_seq BETWEEN @First AND @Last" + but, range);
                },
                cancellationToken);
            deleted += count;
            EventsMetrics.Expired.Add(count);
            after = batch[^1];
            await Task.Delay(rest, clock, cancellationToken);
        }
    }

    /// <summary>How far a pass through a journal is.</summary>
    /// <param name="Last">The last place that it has seen.</param>
    /// <param name="AreGone">No place up to that one is left.</param>
    private readonly record struct SeenPlaces(long Last, bool AreGone);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Deleted {Count} events that were older than the journal's retention")]
        public static partial void Deleted(ILogger logger, int count);

        [LoggerMessage(3, LogLevel.Information, "Forgot {Count} registrations that were deleted before and of which nothing was left")]
        public static partial void Purged(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Error, "Deleting expired events failed; the next pass tries again")]
        public static partial void PassFailed(ILogger logger, Exception exception);
    }
}
