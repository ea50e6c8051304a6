using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Challenges;

/// <summary>The table <c>challenge_results</c>: what came of each registration's newest challenge.</summary>
internal sealed class ChallengeResults(Database database)
{
    /// <summary>Characters of an explanation; what an endpoint's failure tells may be long.</summary>
    private const int ExplanationMax = 1_000;

    public async Task<ChallengeResult?> FindAsync(long registrationKey, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT known_at AS KnownAt, result AS Result, explanation AS Explanation FROM challenge_results WHERE registration_key = @registrationKey",
            new { registrationKey }, cancellationToken: cancellationToken));
        return row is null ? null : new ChallengeResult(DateTimeOffset.FromUnixTimeMilliseconds(row.KnownAt), row.Result, row.Explanation);
    }

    public Task KeepAsync(long registrationKey, ChallengeResult result) => database.WriteAsync(session => session.Execute(
        """
        INSERT INTO challenge_results (registration_key, known_at, result, explanation) VALUES (@registrationKey, @at, @Result, @explanation)
        ON CONFLICT (registration_key) DO UPDATE SET known_at = excluded.known_at, result = excluded.result, explanation = excluded.explanation
        """,
        new
        {
            registrationKey,
            at = result.At.ToUnixTimeMilliseconds(),
            result.Result,
            explanation = WholeText.Cut(result.Explanation, ExplanationMax),
        }));

    private sealed class Row
    {
        public long KnownAt { get; init; }
        public string Result { get; init; } = "";
        public string Explanation { get; init; } = "";
    }
}
