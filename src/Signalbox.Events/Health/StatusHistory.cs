using Dapper;
using Signalbox.Events.Registrations;
using Signalbox.Storage;

namespace Signalbox.Events.Health;

/// <summary>The table <c>status_changes</c>: the last changes of each registration's status, written in the commit of the change.</summary>
internal sealed class StatusHistory(Database database)
{
    /// <summary>Changes kept of one registration.</summary>
    public const int KeptMax = 100;

    /// <summary>Compares with the row as it stands, which the session must not have changed yet, and remembers what changes.</summary>
    public static void Note(WriteSession session, Registration next, AttemptTally? judged = null)
    {
        var row = session.QuerySingleOrDefault<RegistrationRow>(
            $"SELECT {RegistrationRow.Columns} FROM registrations WHERE registration_key = @Key", new { next.Key });
        var before = row?.ToRegistration([]);
        if (StatusReason.Of(before, next, judged is not null) is { } reason)
        {
            Insert(session, before, next, reason, judged);
        }
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<StatusHistoryEntry>> ListAsync(long registrationKey, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT changed_at AS ChangedAt, from_status AS FromStatus, to_status AS ToStatus, enabled AS Enabled,
              reason AS Reason, attempts AS Attempts, failures AS Failures
            FROM status_changes WHERE registration_key = @registrationKey ORDER BY change_number DESC
            """,
            new { registrationKey }, cancellationToken: cancellationToken));
        return [.. rows.Select(r => r.ToEntry())];
    }

    private static void Insert(WriteSession session, Registration? before, Registration next, string reason, AttemptTally? judged)
    {
        var number = 1 + session.ScalarPrepared<long>(
            "SELECT MAX(change_number) FROM status_changes WHERE registration_key = @key", ("key", next.Key));
        session.ExecutePrepared(
            """
            INSERT INTO status_changes (registration_key, change_number, changed_at, from_status, to_status, enabled, reason, attempts, failures)
            VALUES (@key, @number, @at, @from, @to, @enabled, @reason, @attempts, @failures)
            """,
            ("key", next.Key), ("number", number), ("at", next.UpdatedAt.ToUnixTimeMilliseconds()),
            ("from", before is null ? null : RegistrationWords.Of(before.Status)), ("to", RegistrationWords.Of(next.Status)),
            ("enabled", next.IsEnabled), ("reason", reason), ("attempts", judged?.Attempts), ("failures", judged?.Failures));
        session.ExecutePrepared(
            "DELETE FROM status_changes WHERE registration_key = @key AND change_number <= @old",
            ("key", next.Key), ("old", number - KeptMax));
    }

    private sealed class Row
    {
        public long ChangedAt { get; init; }
        public string? FromStatus { get; init; }
        public string ToStatus { get; init; } = "";
        public bool Enabled { get; init; }
        public string Reason { get; init; } = "";
        public long? Attempts { get; init; }
        public long? Failures { get; init; }

        public StatusHistoryEntry ToEntry() => new()
        {
            At = DateTimeOffset.FromUnixTimeMilliseconds(ChangedAt),
            From = FromStatus is null ? null : RegistrationWords.ToStatus(FromStatus),
            To = RegistrationWords.ToStatus(ToStatus),
            IsEnabled = Enabled,
            Reason = Reason,
            Tally = Attempts is { } attempts ? new AttemptTally(attempts, Failures ?? 0) : null,
        };
    }
}
