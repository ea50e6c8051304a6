using Dapper;
using Signalbox.Storage;

namespace Signalbox.Runtime.Activations;

/// <summary>Which activations a list is about.</summary>
internal sealed record ActivationFilter
{
    public required string Namespace { get; init; }

    public string? Package { get; init; }

    public string? Name { get; init; }

    /// <summary>Earliest start, milliseconds since the epoch, inclusive.</summary>
    public long? SinceMs { get; init; }

    /// <summary>Latest start, inclusive.</summary>
    public long? UptoMs { get; init; }
}

/// <summary>The table of activation records.</summary>
internal sealed class ActivationStore(Database database)
{
    private const string Columns =
        """
        id AS Id, namespace AS Namespace, package AS Package, name AS Name, version AS Version, subject AS Subject,
        cause AS Cause, start_ms AS StartMs, end_ms AS EndMs, duration_ms AS DurationMs, status AS Status,
        result_size AS ResultSize, annotations AS Annotations
        """;

    private static readonly RowStatement _insert = new(
        """
        INSERT INTO runtime_activations (id, namespace, package, name, version, subject, cause, start_ms, end_ms,
          duration_ms, status, result_size, result, logs, annotations)
        """,
        [
            RowColumn.Text, RowColumn.Text, RowColumn.Text, RowColumn.Text, RowColumn.Text, RowColumn.Text, RowColumn.Text,
            RowColumn.BigInt, RowColumn.BigInt, RowColumn.BigInt, RowColumn.Integer, RowColumn.Integer, RowColumn.Bytes,
            RowColumn.Bytes, RowColumn.Bytes,
        ],
        "ON CONFLICT (id) DO NOTHING");

    public async Task<Activation?> FindAsync(string @namespace, string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<ActivationRow>(
            $"SELECT {Columns}, result AS Result, logs AS Logs FROM runtime_activations WHERE id = @id AND namespace = @namespace",
            new { id, @namespace });
        return row?.ToActivation();
    }

    /// <summary>Newest start first.</summary>
    public async Task<IReadOnlyList<Activation>> ListAsync(
        ActivationFilter filter, bool withResults, int limit, int skip, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<ActivationRow>(
            $"""
            SELECT {Columns}{(withResults ? ", result AS Result, logs AS Logs" : "")}
            FROM runtime_activations {Where(filter)} ORDER BY start_ms DESC, id DESC LIMIT @limit OFFSET @skip
            """,
            Parameters(filter, limit, skip));
        return [.. rows.Select(row => row.ToActivation())];
    }

    /// <summary>
    /// Walks from a cursor (or the newest record) in the order of time and takes what the query wants, without results and logs.
    /// </summary>
    /// <param name="lengthMax">How many records are looked at.</param>
    /// <returns>
    /// In the order of the walk; and, when the walk ended at <paramref name="lengthMax"/>, the last record that it looked at.
    /// </returns>
    public async Task<(IReadOnlyList<Activation> Found, ActivationCursor? SearchedTo)> SearchAsync(
        string @namespace, ActivationQuery query, int limit, int lengthMax, CancellationToken cancellationToken)
    {
        var (package, name) = query.Action?.Split('/', 2) switch
        {
            [var inside, var simple] => (inside, simple),
            [{ Length: > 0 } simple] => (null, simple),
            _ => ((string?)null, (string?)null),
        };
        var (comparison, order) = query.NewerThan is null ? ("<", "DESC") : (">", "ASC");
        var beyond = query.NewerThan ?? query.OlderThan;
        var walk =
            $"""
            FROM runtime_activations WHERE namespace = @namespace
            {(name is null ? "" : "AND name = @name")}
            {(package is null ? "" : "AND package = @package")}
            {(query.Since is null ? "" : "AND start_ms >= @since")}
            {(query.Until is null ? "" : "AND start_ms <= @until")}
            {(beyond is null ? "" : $"AND (start_ms, id) {comparison} (@beyondStart, @beyondId)")}
            ORDER BY start_ms {order}, id {order}
            """;
        var parameters = new
        {
            @namespace,
            name,
            package,
            since = query.Since?.ToUnixTimeMilliseconds(),
            until = query.Until?.ToUnixTimeMilliseconds(),
            beyondStart = beyond?.StartMs,
            beyondId = beyond?.Id,
            success = (int)ActivationStatus.Success,
            limit,
            lengthMax,
            offset = lengthMax - 1,
        };
        await using var connection = await database.OpenAsync(cancellationToken);
        if (query.Succeeded is not { } succeeded)
        {
            return ([.. (await connection.QueryAsync<ActivationRow>($"SELECT {Columns} {walk} LIMIT @limit", parameters)).Select(row => row.ToActivation())], null);
        }

        var rows = await connection.QueryAsync<ActivationRow>(
            $"""
            SELECT {Columns} FROM runtime_activations
            WHERE id IN (SELECT id FROM (SELECT id, status {walk} LIMIT @lengthMax) AS walked WHERE status {(succeeded ? "=" : "<>")} @success)
            ORDER BY start_ms {order}, id {order} LIMIT @limit
            """,
            parameters);
        IReadOnlyList<Activation> found = [.. rows.Select(row => row.ToActivation())];
        if (found.Count == limit)
        {
            return (found, null);
        }

        var last = await connection.QuerySingleOrDefaultAsync<ActivationRow>(
            $"SELECT id AS Id, start_ms AS StartMs {walk} LIMIT 1 OFFSET @offset", parameters);
        return (found, last is null ? null : new ActivationCursor(last.StartMs, last.Id));
    }

    public async Task<long> CountAsync(ActivationFilter filter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            $"SELECT COUNT(*) FROM runtime_activations {Where(filter)}", Parameters(filter, 0, 0));
    }

    /// <summary>Stores a batch in one commit. A record that is there already stays as it is.</summary>
    public Task AddAsync(IReadOnlyList<Activation> batch)
    {
        var values = new List<object?>(batch.Count * _insert.Columns.Count);
        foreach (var activation in batch)
        {
            values.AddRange([
                activation.Id, activation.Namespace, activation.Package ?? "", activation.Name, activation.Version, activation.Subject,
                activation.Cause, activation.StartMs, activation.EndMs, activation.DurationMs, (int)activation.Status,
                activation.ResultSize, activation.Result, activation.Logs, activation.Annotations]);
        }

        return database.WriteAsync(session => session.ExecuteRows(_insert, values));
    }

    /// <summary>The first namespace in alphabetical order behind the given one that has records; null behind the last.</summary>
    public async Task<string?> NextNamespaceAsync(string after, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<string?>(
            "SELECT MIN(namespace) FROM runtime_activations WHERE namespace > @after", new { after });
    }

    /// <summary>Deletes some of a namespace's records that started before the time; returns how many.</summary>
    public Task<int> DeleteOlderAsync(string @namespace, long startedBeforeMs, int countMax, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                """
                DELETE FROM runtime_activations
                WHERE id IN (
                  SELECT id FROM runtime_activations WHERE namespace = @namespace AND start_ms < @startedBeforeMs ORDER BY start_ms LIMIT @countMax)
                """,
                new { @namespace, startedBeforeMs, countMax }),
            cancellationToken);

    private static string Where(ActivationFilter filter) =>
        "WHERE namespace = @Namespace"
        + (filter.Name is null ? "" : " AND name = @Name")
        + (filter.Package is null ? "" : " AND package = @Package")
        + (filter.SinceMs is null ? "" : " AND start_ms >= @SinceMs")
        + (filter.UptoMs is null ? "" : " AND start_ms <= @UptoMs");

    private static object Parameters(ActivationFilter filter, int limit, int skip) => new
    {
        filter.Namespace,
        filter.Name,
        filter.Package,
        SinceMs = filter.SinceMs ?? 0,
        UptoMs = filter.UptoMs ?? 0,
        limit,
        skip,
    };
}
