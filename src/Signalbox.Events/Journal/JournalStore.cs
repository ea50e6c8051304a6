using System.Data;
using System.Data.Common;
using Dapper;
using Signalbox.Events.EventLog;
using Signalbox.Storage;

namespace Signalbox.Events.Journal;

/// <summary>Reads journals: the events of a registration by their sequence.</summary>
internal sealed class JournalStore(Database database)
{
    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => database.OpenAsync(cancellationToken);

    /// <summary>Adds the next events after a sequence to a page, oldest first, until it is full.</summary>
    /// <remarks>Both tables are told where to begin: PostgreSQL merges them, and would read all earlier events for each page.</remarks>
    /// <param name="rowsMax">Rows that are read at most; a page that ends before costs those that it did not take.</param>
    /// <returns>How many it took.</returns>
    public static async Task<int> ReadAsync(
        DbConnection connection, long registrationKey, long since, int rowsMax, JournalPageBuffer page, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT j.event_seq, e.event_id, e.payload FROM journal j JOIN events e ON e.event_seq = j.event_seq
            WHERE j.registration_key = @registrationKey AND j.event_seq > @since AND e.event_seq > @since ORDER BY j.event_seq LIMIT @rowsMax
            """;
        Add(command, nameof(registrationKey), registrationKey);
        Add(command, nameof(since), since);
        Add(command, nameof(rowsMax), rowsMax);
        await using var rows = await command.ExecuteReaderAsync(CommandBehavior.SingleResult, cancellationToken);
        var taken = 0;
        while (await rows.ReadAsync(cancellationToken))
        {
            if (!page.TryAdd(rows.GetInt64(0), rows.GetString(1), rows.GetFieldValue<byte[]>(2)))
            {
                break;
            }

            taken++;
        }

        return taken;
    }

    /// <summary>The events next to a sequence that are younger than the cutoff, the nearest first.</summary>
    public static async Task<IReadOnlyList<AcceptedEvent>> ReadNearAsync(
        DbConnection connection, long registrationKey, long sequence, bool isForward, DateTimeOffset cutoff, int count, CancellationToken cancellationToken)
    {
        var beyond = isForward ? "> @sequence" : "< @sequence";
        var rows = await connection.QueryAsync<EventRow>(new CommandDefinition(
            $"""
            SELECT {EventRow.Columns} FROM journal j JOIN events e ON e.event_seq = j.event_seq
            WHERE j.registration_key = @registrationKey AND j.event_seq {beyond} AND e.event_seq {beyond} AND j.received_at > @Cutoff
            ORDER BY j.event_seq {(isForward ? "" : "DESC")} LIMIT @count
            """,
            new { registrationKey, sequence, Cutoff = cutoff.ToUnixTimeMilliseconds(), count },
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
        // In this order: what is deleted between the two is then noted as deleted.
        var oldest = await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT received_at FROM journal WHERE registration_key = @registrationKey AND event_seq > @since ORDER BY event_seq LIMIT 1",
            new { registrationKey, since }, cancellationToken: cancellationToken));
        return oldest <= cutoff.ToUnixTimeMilliseconds()
            || since < await FindDeletedAsync(connection, registrationKey, cancellationToken);
    }

    /// <summary>The sequence after which everything was received later than that time; events keep the order of their times.</summary>
    public static async Task<long> FindLastAsync(DbConnection connection, DateTimeOffset until, CancellationToken cancellationToken) =>
        await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT event_seq FROM events WHERE received_at <= @Until ORDER BY received_at DESC, event_seq DESC LIMIT 1",
            new { Until = until.ToUnixTimeMilliseconds() }, cancellationToken: cancellationToken)) ?? 0;

    public static async Task<long> CountAsync(
        DbConnection connection, long registrationKey, long since, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        await connection.QuerySingleAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM journal WHERE registration_key = @registrationKey AND event_seq > @since AND received_at > @Cutoff",
            new { registrationKey, since, Cutoff = cutoff.ToUnixTimeMilliseconds() },
            cancellationToken: cancellationToken));

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    private static async Task<long> FindDeletedAsync(DbConnection connection, long registrationKey, CancellationToken cancellationToken) =>
        await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT expired_seq FROM journal_expiry WHERE registration_key = @registrationKey",
            new { registrationKey }, cancellationToken: cancellationToken)) ?? 0;
}
