using System.Data.Common;
using System.Diagnostics;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Signalbox.Bench.Journal;

/// <summary>Writes a journal of many events into the database of a server that is stopped, in pieces, within a time.</summary>
internal static class JournalFill
{
    private const int PieceEvents = 250_000;

    private static readonly TimeSpan _within = TimeSpan.FromMinutes(6);

    /// <summary>Spreads the events evenly over a time. Returns how many there are: fewer than asked for when the machine is slow.</summary>
    /// <param name="first">When the first one was received.</param>
    /// <param name="span">How long after it the last one was.</param>
    public static async Task<int> RunAsync(
        ServerProcess server, string provider, string eventCode, int events, DateTimeOffset first, TimeSpan span, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        await using DbConnection connection = server.ConnectionString is { } postgres
            ? new NpgsqlConnection(postgres)
            : new SqliteConnection($"Data Source={Path.Combine(server.Data, "signalbox.db")};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        if (server.ConnectionString is null)
        {
            await ExecuteAsync(connection, "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000", [], cancellationToken);
        }

        var payload = Encoding.UTF8.GetBytes(Publish.CloudEvent(provider, eventCode).Replace("@SEQ@", "1", StringComparison.Ordinal));
        var written = 0;
        while (written < events && Stopwatch.GetElapsedTime(begun) < _within)
        {
            var piece = Math.Min(PieceEvents, events - written);
            await ExecuteAsync(
                connection,
                $"""
                WITH RECURSIVE n (i) AS (SELECT {written + 1} UNION ALL SELECT i + 1 FROM n WHERE i < {written + piece})
                INSERT INTO events (event_seq, event_id, provider_id, event_code, payload, received_at)
                SELECT 1000 + i, '00000000-0000-4000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), @provider, @code, @payload,
                  @first + CAST(i AS BIGINT) * @span / {events} FROM n;
                INSERT INTO journal (registration_key, event_seq, received_at)
                SELECT (SELECT MAX(registration_key) FROM registrations), event_seq, received_at FROM events
                WHERE event_seq > {1_000 + written} ORDER BY event_seq;
                UPDATE counters SET value = {1_000 + written + piece} WHERE name = 'event_seq';
                """,
                [("provider", provider), ("code", eventCode), ("payload", payload), ("first", first.ToUnixTimeMilliseconds()), ("span", (long)span.TotalMilliseconds)],
                cancellationToken);
            written += piece;
        }

        // What is still to be written to the disk would slow down whoever reads next; and a journal that grew day by day has
        // been analyzed long since.
        await ExecuteAsync(
            connection,
            server.ConnectionString is null ? "PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)" : "ANALYZE; CHECKPOINT",
            [], cancellationToken);

        await Console.Error.WriteLineAsync($"  {written:N0} events of {payload.Length} bytes written in {Stopwatch.GetElapsedTime(begun).TotalSeconds:N0} s");
        return written;
    }

    private static async Task ExecuteAsync(
        DbConnection connection, string sql, IReadOnlyList<(string Name, object Value)> parameters, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
