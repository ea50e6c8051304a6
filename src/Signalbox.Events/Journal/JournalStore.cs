using System.Data.Common;
using Dapper;
using Signalbox.Events.EventLog;
using Signalbox.Storage;

namespace Signalbox.Events.Journal;

/// <summary>Reads journals: the events of a registration by their sequence.</summary>
internal sealed class JournalStore(Database database)
{
    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => database.OpenAsync(cancellationToken);

    /// <summary>The next events after a sequence that are younger than the cutoff, oldest first.</summary>
    public static async Task<IReadOnlyList<AcceptedEvent>> ReadAsync(
        DbConnection connection, long registrationKey, long since, DateTimeOffset cutoff, int count, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync<EventRow>(new CommandDefinition(
            $"""
            SELECT {EventRow.Columns} FROM journal j JOIN events e ON e.event_seq = j.event_seq
            WHERE j.registration_key = @registrationKey AND j.event_seq > @since AND j.received_at > @Cutoff
            ORDER BY j.event_seq LIMIT @count
            """,
            new { registrationKey, since, Cutoff = cutoff.ToUnixTimeMilliseconds(), count },
            cancellationToken: cancellationToken));
        return [.. rows.Select(r => r.ToEvent())];
    }

    /// <summary>The events before a sequence that are younger than the cutoff, newest first.</summary>
    public static async Task<IReadOnlyList<AcceptedEvent>> ReadBackAsync(
        DbConnection connection, long registrationKey, long before, DateTimeOffset cutoff, int count, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync<EventRow>(new CommandDefinition(
            $"""
            SELECT {EventRow.Columns} FROM journal j JOIN events e ON e.event_seq = j.event_seq
            WHERE j.registration_key = @registrationKey AND j.event_seq < @before AND j.received_at > @Cutoff
            ORDER BY j.event_seq DESC LIMIT @count
            """,
            new { registrationKey, before, Cutoff = cutoff.ToUnixTimeMilliseconds(), count },
            cancellationToken: cancellationToken));
        return [.. rows.Select(r => r.ToEvent())];
    }

    /// <summary>The journal's last event ever, expired ones included; 0 when there was none.</summary>
    public static async Task<long> FindEndAsync(DbConnection connection, long registrationKey, CancellationToken cancellationToken)
    {
        var last = await connection.QuerySingleAsync<long?>(new CommandDefinition(
            "SELECT MAX(event_seq) FROM journal WHERE registration_key = @registrationKey",
            new { registrationKey }, cancellationToken: cancellationToken)) ?? 0;
        return Math.Max(last, await FindDeletedAsync(connection, registrationKey, cancellationToken));
    }

    /// <summary>True when an event after the sequence has expired, whether or not it is deleted yet.</summary>
    public static async Task<bool> HasExpiredAfterAsync(
        DbConnection connection, long registrationKey, long since, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        if (since < await FindDeletedAsync(connection, registrationKey, cancellationToken))
        {
            return true;
        }

        var oldest = await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT received_at FROM journal WHERE registration_key = @registrationKey AND event_seq > @since ORDER BY event_seq LIMIT 1",
            new { registrationKey, since }, cancellationToken: cancellationToken));
        return oldest <= cutoff.ToUnixTimeMilliseconds();
    }

    /// <summary>The sequence after which everything was received at or after that time; events keep the order of their times.</summary>
    public static async Task<long?> FindBeforeAsync(DbConnection connection, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var first = await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT event_seq FROM events WHERE received_at >= @From ORDER BY received_at, event_seq LIMIT 1",
            new { From = from.ToUnixTimeMilliseconds() }, cancellationToken: cancellationToken));
        return first - 1;
    }

    public static async Task<long> CountAsync(
        DbConnection connection, long registrationKey, long since, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        await connection.QuerySingleAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM journal WHERE registration_key = @registrationKey AND event_seq > @since AND received_at > @Cutoff",
            new { registrationKey, since, Cutoff = cutoff.ToUnixTimeMilliseconds() },
            cancellationToken: cancellationToken));

    private static async Task<long> FindDeletedAsync(DbConnection connection, long registrationKey, CancellationToken cancellationToken) =>
        await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT expired_seq FROM journal_expiry WHERE registration_key = @registrationKey",
            new { registrationKey }, cancellationToken: cancellationToken)) ?? 0;
}
