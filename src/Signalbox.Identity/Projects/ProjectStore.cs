using Dapper;
using Signalbox.Storage;

namespace Signalbox.Identity.Projects;

/// <summary>Reads organizations and projects for lists.</summary>
internal sealed class ProjectStore(Database database)
{
    private const string ProjectQueryText = """
        SELECT p.id AS Id, p.organization_id AS OrganizationId, o.name AS OrganizationName, p.name AS Name, p.title AS Title,
               p.description AS Description, p.created_at AS CreatedMs, p.alerts_paused AS AlertsPaused
        FROM identity_projects p JOIN identity_organizations o ON o.id = p.organization_id
        """;

    public async Task<IReadOnlyList<Organization>> ListOrganizationsAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<OrganizationRow>(new CommandDefinition(
            "SELECT id AS Id, name AS Name, ims_org_id AS ImsOrgId, created_at AS CreatedMs FROM identity_organizations ORDER BY name, id LIMIT @limit",
            new { limit }, cancellationToken: cancellationToken));
        return [.. rows.Select(row => row.ToOrganization())];
    }

    public async Task<Project?> FindAsync(ProjectId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<ProjectRow>(new CommandDefinition(
            $"{ProjectQueryText} WHERE p.id = @Id", new { Id = id.Value }, cancellationToken: cancellationToken));
        return row is null ? null : (await WithWorkspacesAsync([row], cancellationToken))[0];
    }

    public async Task<IReadOnlySet<ProjectId>> ListPausedAsync(OrganizationId organization, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var ids = await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT id FROM identity_projects WHERE organization_id = @Organization AND alerts_paused",
            new { Organization = organization.Value }, cancellationToken: cancellationToken));
        return ids.Select(id => new ProjectId(id)).ToHashSet();
    }

    public async Task<ProjectListing> ListAsync(ProjectQuery query, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(query.Limit, 1, ProjectQuery.LimitMax);
        var isBackward = query.NewerThan is not null;
        var key = query.NewerThan ?? query.OlderThan;
        var (comparison, direction) = isBackward ? (">", "ASC") : ("<", "DESC");
        var place = key is null ? "" : $"AND (p.created_at {comparison} @CreatedMs OR (p.created_at = @CreatedMs AND p.id {comparison} @Id))";
        var search = query.Search?.Trim().ToLowerInvariant() ?? "";
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<ProjectRow>(new CommandDefinition(
            $"""
            {ProjectQueryText}
            WHERE (@Organization = '' OR p.organization_id = @Organization)
              AND (@Search = '' OR lower(p.title || ' ' || p.name) LIKE @Pattern ESCAPE '\') {place}
            ORDER BY p.created_at {direction}, p.id {direction} LIMIT @Limit
            """,
            new
            {
                Organization = query.Organization?.Value ?? "",
                Search = search,
                Pattern = $"%{Escape(search)}%",
                CreatedMs = key?.CreatedMs ?? 0,
                Id = key?.Id ?? "",
                Limit = limit + 1,
            },
            cancellationToken: cancellationToken))).AsList();
        var hasMore = rows.Count > limit;
        var page = rows.Take(limit).ToList();
        if (isBackward)
        {
            page.Reverse();
        }

        var hasAny = page.Count > 0 || await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM identity_projects LIMIT 1) first_one", cancellationToken: cancellationToken)) > 0;
        return new ProjectListing(
            await WithWorkspacesAsync(page, cancellationToken),
            HasNewer: isBackward ? hasMore : query.OlderThan is not null,
            HasOlder: isBackward || hasMore,
            hasAny);
    }

    private async Task<IReadOnlyList<Project>> WithWorkspacesAsync(IReadOnlyList<ProjectRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        // One name for each id: PostgreSQL's driver would take a list as an array.
        var parameters = new DynamicParameters();
        for (var i = 0; i < rows.Count; i++)
        {
            parameters.Add($"p{i}", rows[i].Id);
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        var workspaces = (await connection.QueryAsync<WorkspaceOfProjectRow>(new CommandDefinition(
            $"""
            SELECT id AS Id, project_id AS ProjectId, name AS Name, created_at AS CreatedMs FROM identity_workspaces
            WHERE project_id IN ({string.Join(", ", parameters.ParameterNames.Select(name => "@" + name))}) ORDER BY created_at, name
            """,
            parameters, cancellationToken: cancellationToken))).ToLookup(row => row.ProjectId);
        return [.. rows.Select(row => row.ToProject([.. workspaces[row.Id].Select(w => w.ToWorkspace())]))];
    }

    private static string Escape(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);

    private sealed class OrganizationRow
    {
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";
        public string ImsOrgId { get; init; } = "";
        public long CreatedMs { get; init; }

        public Organization ToOrganization() => new()
        {
            Id = new OrganizationId(Id),
            Name = Name,
            ImsOrgId = ImsOrgId,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs),
        };
    }

    private sealed class ProjectRow
    {
        public string Id { get; init; } = "";
        public string OrganizationId { get; init; } = "";
        public string OrganizationName { get; init; } = "";
        public string Name { get; init; } = "";
        public string Title { get; init; } = "";
        public string Description { get; init; } = "";
        public long CreatedMs { get; init; }
        public bool AlertsPaused { get; init; }

        public Project ToProject(IReadOnlyList<ProjectWorkspace> workspaces) => new()
        {
            Id = new ProjectId(Id),
            OrganizationId = new OrganizationId(OrganizationId),
            OrganizationName = OrganizationName,
            Name = Name,
            Title = Title,
            Description = Description,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs),
            AlertsPaused = AlertsPaused,
            Workspaces = workspaces,
        };
    }

    private sealed class WorkspaceOfProjectRow
    {
        public string Id { get; init; } = "";
        public string ProjectId { get; init; } = "";
        public string Name { get; init; } = "";
        public long CreatedMs { get; init; }

        public ProjectWorkspace ToWorkspace() => new(new WorkspaceId(Id), Name, DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs));
    }
}
