using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Health;

/// <summary>
/// The table <c>attempt_counts</c>: how many attempts of a registration fell into a step of time, and how many failed.
/// Rows are added to, so several nodes may count for the same registration.
/// </summary>
internal sealed class HealthStore(Database database)
{
    private static readonly RowStatement _add = new(
        "INSERT INTO attempt_counts (registration_key, measured_since, step, attempts, failures)",
        [RowColumn.BigInt, RowColumn.BigInt, RowColumn.BigInt, RowColumn.BigInt, RowColumn.BigInt],
        """
        ON CONFLICT (registration_key, measured_since, step) DO UPDATE SET
          attempts = attempt_counts.attempts + excluded.attempts, failures = attempt_counts.failures + excluded.failures
        """);

    public Task AddAsync(IReadOnlyList<AttemptCount> counts, CancellationToken cancellationToken)
    {
        object?[] values =
        [
            .. counts.SelectMany(count => new object?[]
            {
                count.RegistrationKey, count.Since.ToUnixTimeMilliseconds(), count.Step, count.Tally.Attempts, count.Tally.Failures,
            }),
        ];
        return database.WriteAsync(session => session.ExecuteRows(_add, values), cancellationToken);
    }

    /// <summary>What was counted in a step and later, of all registrations.</summary>
    public async Task<IReadOnlyList<AttemptCount>> LoadAsync(long fromStep, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(long Key, long Since, long Step, long Attempts, long Failures)>(new CommandDefinition(
            "SELECT registration_key, measured_since, step, attempts, failures FROM attempt_counts WHERE step >= @fromStep",
            new { fromStep }, cancellationToken: cancellationToken));
        return [.. rows.Select(r => new AttemptCount(
            r.Key, DateTimeOffset.FromUnixTimeMilliseconds(r.Since), r.Step, new AttemptTally(r.Attempts, r.Failures)))];
    }

    /// <summary>Removes counts of earlier steps, at most so many. Returns how many.</summary>
    public Task<int> DeleteAsync(long beforeStep, int limit, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                """
                DELETE FROM attempt_counts WHERE (registration_key, measured_since, step) IN (
                  SELECT registration_key, measured_since, step FROM attempt_counts WHERE step < @beforeStep ORDER BY step LIMIT @limit)
                """,
                new { beforeStep, limit }),
            cancellationToken);
}
