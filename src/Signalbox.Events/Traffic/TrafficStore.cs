using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Traffic;

/// <summary>The table <c>traffic_minutes</c>. Rows are added to, so several nodes may count for the same workspace.</summary>
internal sealed class TrafficStore(Database database)
{
    public Task AddAsync(IReadOnlyList<TrafficRow> rows, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                foreach (var row in rows)
                {
                    session.ExecutePrepared(
                        """
                        INSERT INTO traffic_minutes (workspace_id, minute, published, delivered, attempts, failures, slow, duration_ms)
                        VALUES (@workspace, @minute, @published, @delivered, @attempts, @failures, @slow, @duration)
                        ON CONFLICT (workspace_id, minute) DO UPDATE SET
                          published = traffic_minutes.published + excluded.published, delivered = traffic_minutes.delivered + excluded.delivered,
                          attempts = traffic_minutes.attempts + excluded.attempts, failures = traffic_minutes.failures + excluded.failures,
                          slow = traffic_minutes.slow + excluded.slow, duration_ms = traffic_minutes.duration_ms + excluded.duration_ms
                        """,
                        ("workspace", row.WorkspaceId), ("minute", row.Minute), ("published", row.Published), ("delivered", row.Delivered),
                        ("attempts", row.Attempts), ("failures", row.Failures), ("slow", row.Slow), ("duration", row.DurationMs));
                }
            },
            cancellationToken);

    public async Task<IReadOnlyList<TrafficRow>> LoadAsync(long fromMinute, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return [.. await connection.QueryAsync<TrafficRow>(new CommandDefinition(
            """
            SELECT workspace_id AS WorkspaceId, minute AS Minute, published AS Published, delivered AS Delivered,
                   attempts AS Attempts, failures AS Failures, slow AS Slow, duration_ms AS DurationMs
            FROM traffic_minutes WHERE minute >= @fromMinute
            """,
            new { fromMinute }, cancellationToken: cancellationToken))];
    }

    /// <summary>Removes earlier minutes, at most so many. Returns how many.</summary>
    public Task<int> DeleteAsync(long beforeMinute, int limit, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                """
                DELETE FROM traffic_minutes WHERE (workspace_id, minute) IN (
                  SELECT workspace_id, minute FROM traffic_minutes WHERE minute < @beforeMinute ORDER BY minute LIMIT @limit)
                """,
                new { beforeMinute, limit }),
            cancellationToken);
}
