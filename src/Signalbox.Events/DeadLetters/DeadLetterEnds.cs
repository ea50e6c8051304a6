using System.Data;
using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.DeadLetters;

/// <summary>
/// The table <c>dead_letter_ends</c>: what became of dead letters that are none any more, for the stories of their events.
/// </summary>
internal static class DeadLetterEnds
{
    /// <summary>Somebody had it delivered again.</summary>
    public const string Redriven = "redriven";

    /// <summary>A replay delivers it again.</summary>
    public const string Replayed = "replayed";

    /// <summary>It was under way when its replay was cancelled, and its endpoint took it.</summary>
    public const string Delivered = "delivered";

    /// <summary>Somebody removed it for good.</summary>
    public const string Purged = "purged";

    /// <summary>It was the oldest of a registration that had too many.</summary>
    public const string Dropped = "dropped";

    /// <summary>Where two take the same one at once, the second waits here for the first, and takes nothing.</summary>
    private const string Sql =
        """
        INSERT INTO dead_letter_ends (event_seq, registration_key, dead_letter_key, reason, last_code, attempts, dead_at, ending, ended_at, ended_by)
        SELECT event_seq, registration_key, dead_letter_key, reason, last_code, attempts, dead_at, @ending, @endedAt, @endedBy
        FROM dead_letters WHERE
        """;

    /// <summary>Takes dead letters away and remembers how they ended, within an operation. Returns how many.</summary>
    /// <param name="session">The operation.</param>
    /// <param name="where">Which, in SQL.</param>
    /// <param name="parameters">Of <paramref name="where"/>.</param>
    /// <param name="ending">One of the words above.</param>
    /// <param name="at">When.</param>
    /// <param name="replayId">The replay that took them; null when none did.</param>
    public static int Take(WriteSession session, string where, object parameters, string ending, DateTimeOffset at, string? replayId = null)
    {
        var all = new DynamicParameters(parameters);
        all.Add("ending", ending, DbType.String);
        all.Add("endedAt", at.ToUnixTimeMilliseconds(), DbType.Int64);
        all.Add("endedBy", replayId, DbType.String);
        return session.Execute($"{Sql} {where} ON CONFLICT (event_seq, registration_key, dead_letter_key) DO NOTHING", all) == 0 ? 0 : session.Execute($"DELETE FROM dead_letters WHERE {where}", all);
    }
}
