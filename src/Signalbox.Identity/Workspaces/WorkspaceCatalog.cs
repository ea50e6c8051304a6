using Dapper;
using Signalbox.Identity.Lookup;
using Signalbox.Storage;

namespace Signalbox.Identity.Workspaces;

/// <summary>Which workspaces there are, for people who choose one.</summary>
public sealed class WorkspaceCatalog(Database database)
{
    private const string Query = """
        SELECT o.id AS OrganizationId, o.name AS OrganizationName, o.ims_org_id AS ImsOrgId, p.id AS ProjectId,
               p.name AS ProjectName, p.title AS ProjectTitle, w.id AS WorkspaceId, w.name AS WorkspaceName
        FROM identity_workspaces w
        JOIN identity_projects p ON p.id = w.project_id
        JOIN identity_organizations o ON o.id = p.organization_id
        """;

    /// <summary>The workspace, or null.</summary>
    public async Task<WorkspaceEntry?> FindAsync(WorkspaceId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<WorkspaceRow>(
            new CommandDefinition($"{Query} WHERE w.id = @Id", new { Id = id.Value }, cancellationToken: cancellationToken));
        return row is null ? null : ToEntry(row);
    }

    /// <summary>Workspaces by organization, project and name, at most <paramref name="limit"/>.</summary>
    /// <param name="search">A part of the organization's, project's or workspace's name; null or empty: all.</param>
    /// <param name="limit">1 to 200.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<WorkspaceEntry>> ListAsync(string? search, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<WorkspaceRow>(new CommandDefinition(
            $"""
            {Query}
            WHERE @Search = '' OR lower(o.name || ' ' || p.title || ' ' || p.name || ' ' || w.name) LIKE @Pattern ESCAPE '\'
            ORDER BY o.name, o.id, p.title, p.id, w.name LIMIT @Limit
            """,
            new { Search = search ?? "", Pattern = $"%{Escape((search ?? "").ToLowerInvariant())}%", Limit = Math.Clamp(limit, 1, 200) },
            cancellationToken: cancellationToken));
        return [.. rows.Select(ToEntry)];
    }

    /// <summary>True when there is such an organization.</summary>
    public async Task<bool> HasOrganizationAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM identity_organizations WHERE id = @Id", new { Id = id.Value }, cancellationToken: cancellationToken)) > 0;
    }

    private static string Escape(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);

    private static WorkspaceEntry ToEntry(WorkspaceRow row) => new()
    {
        Workspace = row.ToWorkspace(),
        OrganizationName = row.OrganizationName,
        ProjectName = row.ProjectName,
        ProjectTitle = row.ProjectTitle,
    };
}
