using System.Globalization;
using Dapper;
using Signalbox.Events.Registrations;
using Signalbox.Storage;

namespace Signalbox.Events.Stories;

/// <summary>Reads what an event's way has left in the tables of other rooms, for some registrations at once.</summary>
internal sealed class StoryRows(Database database)
{
    /// <summary>An event may be redriven and replayed any number of times; a story is still read by people.</summary>
    private const int RowsMax = 1_000;

    /// <summary>Those of an organization's registrations in whose journal it stands.</summary>
    public async Task<IReadOnlyList<Registration>> FindMatchedAsync(
        long sequence, IReadOnlyList<Registration> own, CancellationToken cancellationToken)
    {
        var matched = await QueryAsync<long>(
            "SELECT registration_key FROM journal WHERE event_seq = @sequence AND registration_key IN ({0})", sequence, own, cancellationToken);
        var keys = matched.ToHashSet();
        return [.. own.Where(r => keys.Contains(r.Key))];
    }

    public async Task<Dictionary<long, OwedRow>> FindOwedAsync(
        long sequence, IReadOnlyList<Registration> matched, CancellationToken cancellationToken) =>
        (await QueryAsync<OwedRow>(
            """
            SELECT registration_key AS RegistrationKey, retry_count AS RetryCount, first_attempt_at AS FirstAttemptAt,
              next_attempt_at AS NextAttemptAt, replay_id AS ReplayId
            FROM deliveries WHERE event_seq = @sequence AND registration_key IN ({0})
            """,
            sequence, matched, cancellationToken)).ToDictionary(row => row.RegistrationKey);

    /// <summary>The first event that is owed to a registration, when it is older than this one.</summary>
    public async Task<BeforeRow?> FindBeforeAsync(Registration registration, long sequence, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<BeforeRow>(new CommandDefinition(
            """
            SELECT e.event_id AS EventId, d.retry_count AS RetryCount, d.next_attempt_at AS NextAttemptAt
            FROM deliveries d JOIN events e ON e.event_seq = d.event_seq
            WHERE d.registration_key = @Key AND d.event_seq < @sequence ORDER BY d.event_seq LIMIT 1
            """,
            new { registration.Key, sequence }, cancellationToken: cancellationToken));
    }

    /// <summary>What is a dead letter, and what was one, in order of time.</summary>
    public async Task<ILookup<long, LetterRow>> FindLettersAsync(
        long sequence, IReadOnlyList<Registration> matched, CancellationToken cancellationToken) =>
        (await QueryAsync<LetterRow>(
            """
            SELECT registration_key AS RegistrationKey, dead_letter_key AS Key, reason AS Reason, last_code AS LastCode, attempts AS Attempts,
              dead_at AS DeadAt, ending AS Ending, ended_at AS EndedAt, ended_by AS EndedBy
            FROM dead_letter_ends WHERE event_seq = @sequence AND registration_key IN ({0})
            UNION ALL
            SELECT registration_key, dead_letter_key, reason, last_code, attempts, dead_at, NULL, NULL, NULL
            FROM dead_letters WHERE event_seq = @sequence AND registration_key IN ({0})
            ORDER BY 2 LIMIT {1}
            """,
            sequence, matched, cancellationToken)).ToLookup(row => row.RegistrationKey);

    /// <summary>The replays that had to do with the event, and those that will come to it, oldest first.</summary>
    public async Task<ILookup<long, ReplayRow>> FindReplaysAsync(
        long sequence, IReadOnlyList<Registration> matched, CancellationToken cancellationToken) =>
        (await QueryAsync<ReplayRow>(
            """
            SELECT RegistrationKey, Id, Kind, State, CreatedAt, EndedAt, IsAhead FROM (
              SELECT r.replay_key AS replay_key, r.registration_key AS RegistrationKey, r.replay_id AS Id, r.kind AS Kind, r.state AS State,
                r.created_at AS CreatedAt, r.ended_at AS EndedAt,
                CASE WHEN r.ended_at IS NULL AND (
                    (r.kind <> 'failed' AND r.position < @sequence AND r.until_position >= @sequence)
                    OR (r.kind = 'failed' AND EXISTS (
                      SELECT 1 FROM dead_letters l WHERE l.event_seq = @sequence AND l.registration_key = r.registration_key
                        AND l.dead_letter_key > r.position AND l.dead_letter_key <= r.until_position
                        AND (r.reason IS NULL OR r.reason = l.reason))))
                  THEN 1 ELSE 0 END AS IsAhead,
                CASE WHEN EXISTS (SELECT 1 FROM attempts a WHERE a.event_seq = @sequence AND a.registration_key = r.registration_key AND a.replay_id = r.replay_id)
                    OR EXISTS (SELECT 1 FROM deliveries d WHERE d.registration_key = r.registration_key AND d.event_seq = @sequence AND d.replay_id = r.replay_id)
                    OR EXISTS (SELECT 1 FROM dead_letters l WHERE l.event_seq = @sequence AND l.registration_key = r.registration_key AND l.replay_id = r.replay_id)
                    OR EXISTS (SELECT 1 FROM dead_letter_ends e WHERE e.event_seq = @sequence AND e.registration_key = r.registration_key AND e.ended_by = r.replay_id)
                  THEN 1 ELSE 0 END AS has_part
              FROM replays r WHERE r.registration_key IN ({0})) AS found
            WHERE IsAhead = 1 OR has_part = 1 ORDER BY replay_key LIMIT {1}
            """,
            sequence, matched, cancellationToken)).ToLookup(row => row.RegistrationKey);

    /// <summary>Numbers need no parameters; an organization has at most some thousands of registrations.</summary>
    private async Task<IReadOnlyList<T>> QueryAsync<T>(
        string format, long sequence, IReadOnlyList<Registration> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return [];
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        var sql = string.Format(
            CultureInfo.InvariantCulture, format, string.Join(',', keys.Select(r => r.Key.ToString(CultureInfo.InvariantCulture))), RowsMax);
        return (await connection.QueryAsync<T>(new CommandDefinition(sql, new { sequence }, cancellationToken: cancellationToken))).AsList();
    }
}
