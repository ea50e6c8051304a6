using Dapper;
using Signalbox.Identity.Users;
using Signalbox.Storage;

namespace Signalbox.Identity.Audit;

/// <summary>The table <c>identity_audit</c>: who changed what through the console, kept for <see cref="ConsoleOptions.AuditRetention"/>.</summary>
public sealed class AuditLog(Database database, ConsoleOptions options, TimeProvider clock)
{
    private const int TextLengthMax = 500;

    // Old entries go a few at a time, with the writes of new ones, so that no write is ever long.
    private const int PrunedPerWrite = 20;

    // Milliseconds, then 20 random bits: in the order of time, and nodes do not collide.
    private const int RandomBits = 20;

    public Task WriteAsync(User user, string action, string target, string? workspaceId, bool succeeded, string detail, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var row = new
        {
            Key = (now << RandomBits) | (uint)Random.Shared.Next(1 << RandomBits),
            Now = now,
            UserId = user.Id.Value,
            UserName = Short(user.Name),
            action,
            Target = Short(target),
            workspaceId,
            succeeded,
            Detail = Short(detail),
            Oldest = (now - (long)options.AuditRetention.TotalMilliseconds) << RandomBits,
            PrunedPerWrite,
        };
        return database.WriteAsync(
            session =>
            {
                session.Execute(
                    """
                    INSERT INTO identity_audit (audit_key, at, user_id, user_name, action, target, workspace_id, succeeded, detail)
                    VALUES (@Key, @Now, @UserId, @UserName, @action, @Target, @workspaceId, @succeeded, @Detail)
                    """,
                    row);
                session.Execute(
                    """
                    DELETE FROM identity_audit WHERE audit_key IN
                      (SELECT audit_key FROM identity_audit WHERE audit_key < @Oldest ORDER BY audit_key LIMIT @PrunedPerWrite)
                    """,
                    row);
            },
            cancellationToken);
    }

    /// <summary>A page of entries, newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        var conditions = new List<string> { "audit_key >= @Oldest" };
        void Where(bool wanted, string condition)
        {
            if (wanted)
            {
                conditions.Add(condition);
            }
        }

        Where(query.UserId is not null, "user_id = @UserId");
        Where(query.WorkspaceId is not null, "workspace_id = @WorkspaceId");
        Where(query.Action is not null, "substr(action, 1, @Length) = @Action");
        Where(query.Before is not null, "audit_key < @Before");
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT audit_key AS Key, at AS At, user_id AS UserId, user_name AS UserName, action AS Action, target AS Target,
                   workspace_id AS WorkspaceId, succeeded AS Succeeded, detail AS Detail
            FROM identity_audit WHERE {string.Join(" AND ", conditions)} ORDER BY audit_key DESC LIMIT @Limit
            """,
            new
            {
                Oldest = (clock.GetUtcNow() - options.AuditRetention).ToUnixTimeMilliseconds() << RandomBits,
                query.UserId,
                query.WorkspaceId,
                query.Action,
                Length = query.Action?.Length ?? 0,
                query.Before,
                Limit = Math.Clamp(query.Limit, 1, 200),
            },
            cancellationToken: cancellationToken));
        return [.. rows.Select(row => row.ToEntry())];
    }

    private static string Short(string text) => text.Length > TextLengthMax ? text[..TextLengthMax] : text;

    private sealed class Row
    {
        public long Key { get; init; }
        public long At { get; init; }
        public string UserId { get; init; } = "";
        public string UserName { get; init; } = "";
        public string Action { get; init; } = "";
        public string Target { get; init; } = "";
        public string? WorkspaceId { get; init; }
        public bool Succeeded { get; init; }
        public string Detail { get; init; } = "";

        public AuditEntry ToEntry() => new()
        {
            Key = Key,
            At = DateTimeOffset.FromUnixTimeMilliseconds(At),
            UserId = UserId,
            UserName = UserName,
            Action = Action,
            Target = Target,
            WorkspaceId = WorkspaceId,
            Succeeded = Succeeded,
            Detail = Detail,
        };
    }
}
