using Signalbox.Identity.Lookup;
using Signalbox.Identity.Provisioning;
using Signalbox.Storage;

namespace Signalbox.Identity.Projects;

/// <summary>
/// The rules of organizations, projects and workspaces, for whoever speaks for their user. Who may call is the
/// caller's matter.
/// </summary>
public sealed class ProjectService(
    Database database, SecretProtector secrets, IdentityDirectory directory, IEnumerable<IWorkspaceContents> rooms, TimeProvider clock)
    : IAlertPauses
{
    public const int OrganizationsMax = 1_000;

    public const int ProjectsPerOrganizationMax = 1_000;

    public const int WorkspacesPerProjectMax = 50;

    /// <summary>The workspace that each new project has and keeps.</summary>
    public const string Production = "Production";

    private static readonly string[] _firstWorkspaces = [Production, "Stage"];

    private readonly ProjectStore _store = new(database);
    private readonly IdentityStore _identities = new(database, secrets);

    /// <summary>All organizations, by name.</summary>
    public Task<IReadOnlyList<Organization>> ListOrganizationsAsync(CancellationToken cancellationToken) =>
        _store.ListOrganizationsAsync(OrganizationsMax, cancellationToken);

    public async Task<ProjectOutcome<Organization>> CreateOrganizationAsync(string name, CancellationToken cancellationToken)
    {
        if (NameRules.CheckOrganizationName(name) is { } refusal)
        {
            return refusal;
        }

        var organization = new Organization { Id = RandomIds.Organization(), Name = name.Trim(), ImsOrgId = RandomIds.ImsOrg(), CreatedAt = Now() };
        var added = await database.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO identity_organizations (id, name, ims_org_id, created_at)
                SELECT @Id, @Name, @ImsOrgId, @Now WHERE (SELECT COUNT(*) FROM identity_organizations) < @Max
                """,
                new { Id = organization.Id.Value, organization.Name, organization.ImsOrgId, Now = organization.CreatedAt.ToUnixTimeMilliseconds(), Max = OrganizationsMax }),
            cancellationToken);
        return added == 1 ? organization : new ProjectRefusal($"There are {OrganizationsMax} organizations, which is the most.");
    }

    public async Task<ProjectOutcome<Organization>> RenameOrganizationAsync(OrganizationId id, string name, CancellationToken cancellationToken)
    {
        if (NameRules.CheckOrganizationName(name) is { } refusal)
        {
            return refusal;
        }

        await database.WriteAsync(
            session => session.Execute("UPDATE identity_organizations SET name = @Name WHERE id = @Id", new { Id = id.Value, Name = name.Trim() }), cancellationToken);
        return (await ListOrganizationsAsync(cancellationToken)).FirstOrDefault(o => o.Id == id) is { } renamed
            ? renamed
            : new ProjectRefusal($"There is no organization '{id}'.");
    }

    public Task<ProjectListing> ListAsync(ProjectQuery query, CancellationToken cancellationToken) => _store.ListAsync(query, cancellationToken);

    /// <summary>Null when there is none with that id.</summary>
    public Task<Project?> FindAsync(ProjectId id, CancellationToken cancellationToken) => _store.FindAsync(id, cancellationToken);

    /// <summary>Creates a project with the workspaces Production and Stage, both empty.</summary>
    public async Task<ProjectOutcome<Project>> CreateAsync(OrganizationId organization, ProjectSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Check() is { } refusal)
        {
            return refusal;
        }

        var id = RandomIds.Project();
        var workspaces = _firstWorkspaces.Select(name => (Id: RandomIds.Workspace(), Name: name)).ToArray();
        try
        {
            var objection = await database.WriteAsync(
                session =>
                {
                    if (session.QuerySingleOrDefault<string>("SELECT id FROM identity_organizations WHERE id = @Id", new { Id = organization.Value }) is null)
                    {
                        return $"There is no organization '{organization}'.";
                    }

                    if (session.QuerySingleOrDefault<long>("SELECT COUNT(*) FROM identity_projects WHERE organization_id = @Id", new { Id = organization.Value }) >= ProjectsPerOrganizationMax)
                    {
                        return $"The organization has {ProjectsPerOrganizationMax} projects, which is the most. Delete one first.";
                    }

                    session.Execute(
                        """
                        INSERT INTO identity_projects (id, organization_id, name, title, description, created_at)
                        VALUES (@Id, @Organization, @Name, @Title, @Description, @Now)
                        """,
                        new { Id = id.Value, Organization = organization.Value, settings.Name, Title = settings.Title.Trim(), settings.Description, Now = NowMs() });
                    foreach (var workspace in workspaces)
                    {
                        InsertWorkspace(session, id, workspace.Id, workspace.Name);
                    }

                    return null;
                },
                cancellationToken);
            return objection is null ? (await FindAsync(id, cancellationToken))! : new ProjectRefusal(objection);
        }
        catch (Exception exception) when (database.IsUniqueViolation(exception))
        {
            return NameTaken(settings.Name);
        }
    }

    /// <summary>Changes name, title and description. Namespaces that exist keep their names.</summary>
    public async Task<ProjectOutcome<Project>> UpdateAsync(ProjectId id, ProjectSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Check() is { } refusal)
        {
            return refusal;
        }

        try
        {
            await database.WriteAsync(
                session => session.Execute(
                    "UPDATE identity_projects SET name = @Name, title = @Title, description = @Description WHERE id = @Id",
                    new { Id = id.Value, settings.Name, Title = settings.Title.Trim(), settings.Description }),
                cancellationToken);
        }
        catch (Exception exception) when (database.IsUniqueViolation(exception))
        {
            return NameTaken(settings.Name);
        }

        return await FindAsync(id, cancellationToken) is { } project ? project : Unknown(id);
    }

    /// <summary>Stops e-mails about the project's registrations, or lets them flow again.</summary>
    public async Task<ProjectOutcome<Project>> PauseAlertsAsync(ProjectId id, bool paused, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            session => session.Execute("UPDATE identity_projects SET alerts_paused = @paused WHERE id = @Id", new { Id = id.Value, paused }), cancellationToken);
        return await FindAsync(id, cancellationToken) is { } project ? project : Unknown(id);
    }

    /// <inheritdoc />
    public Task<IReadOnlySet<ProjectId>> ListPausedAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        _store.ListPausedAsync(organization, cancellationToken);

    /// <summary>Deletes a project with its workspaces and credentials, when no other room keeps anything in them.</summary>
    public async Task<ProjectOutcome<Project>> DeleteAsync(ProjectId id, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } project)
        {
            return Unknown(id);
        }

        var refusal = await database.WriteAsync(
            session =>
            {
                var workspaces = session.Query<string>("SELECT id FROM identity_workspaces WHERE project_id = @Id ORDER BY created_at, name", new { Id = id.Value });
                if (workspaces.Select(w => FindObjection(session, new WorkspaceId(w), "project")).FirstOrDefault(o => o is not null) is { } objection)
                {
                    return objection;
                }

                foreach (var workspace in workspaces)
                {
                    DeleteWorkspace(session, new WorkspaceId(workspace));
                }

                session.Execute("DELETE FROM identity_projects WHERE id = @Id", new { Id = id.Value });
                return null;
            },
            cancellationToken);
        directory.ForgetAll();
        return refusal is null ? project : refusal;
    }

    /// <summary>Adds an empty workspace.</summary>
    public async Task<ProjectOutcome<ProjectWorkspace>> CreateWorkspaceAsync(ProjectId project, string name, CancellationToken cancellationToken)
    {
        if (NameRules.CheckWorkspaceName(name) is { } refusal)
        {
            return refusal;
        }

        var id = RandomIds.Workspace();
        var objection = await database.WriteAsync(
            session =>
            {
                if (session.QuerySingleOrDefault<string>("SELECT id FROM identity_projects WHERE id = @Id", new { Id = project.Value }) is null)
                {
                    return Unknown(project);
                }

                var names = session.Query<string>("SELECT name FROM identity_workspaces WHERE project_id = @Id", new { Id = project.Value });
                if (names.Contains(name, StringComparer.OrdinalIgnoreCase))
                {
                    return new ProjectRefusal($"The project already has a workspace '{name}'. Choose another name.") { Field = "name" };
                }

                if (names.Count >= WorkspacesPerProjectMax)
                {
                    return new ProjectRefusal($"The project has {WorkspacesPerProjectMax} workspaces, which is the most. Delete one first.");
                }

                InsertWorkspace(session, project, id, name);
                return null;
            },
            cancellationToken);
        return objection is null ? new ProjectWorkspace(id, name, Now()) : objection;
    }

    /// <summary>Deletes a workspace with its credentials and namespace, when no other room keeps anything in it.</summary>
    public async Task<ProjectOutcome<Workspace>> DeleteWorkspaceAsync(WorkspaceId id, CancellationToken cancellationToken)
    {
        if ((await _identities.FindWorkspaceAsync(id, cancellationToken))?.ToWorkspace() is not { } workspace)
        {
            return new ProjectRefusal($"There is no workspace '{id}'.");
        }

        if (workspace.Name == Production)
        {
            return new ProjectRefusal("A project keeps its workspace Production. Delete the whole project instead.");
        }

        var refusal = await database.WriteAsync(
            session =>
            {
                if (FindObjection(session, id, "workspace") is { } objection)
                {
                    return objection;
                }

                DeleteWorkspace(session, id);
                return null;
            },
            cancellationToken);
        directory.ForgetAll();
        return refusal is null ? workspace : refusal;
    }

    private ProjectRefusal? FindObjection(WriteSession session, WorkspaceId id, string what)
    {
        var name = session.QuerySingleOrDefault<string>("SELECT name FROM identity_workspaces WHERE id = @Id", new { Id = id.Value });
        if (session.QuerySingleOrDefault<string>("SELECT workspace_id FROM identity_first_workspace WHERE workspace_id = @Id", new { Id = id.Value }) is not null)
        {
            return new ProjectRefusal(
                $"The workspace {name} was made when this server first started, and 'signalbox env' and 'signalbox dev' work in it, so it stays.");
        }

        var @namespace = NamespaceOf(session, id);
        var kept = rooms.SelectMany(room => room.FindIn(session, id, @namespace)).ToList();
        return kept.Count == 0
            ? null
            : new ProjectRefusal($"This {what} can not be deleted. Its workspace {name} contains {string.Join(", ", kept)}. Please remove them and try to delete the {what} again.");
    }

    private void DeleteWorkspace(WriteSession session, WorkspaceId id)
    {
        var @namespace = NamespaceOf(session, id);
        foreach (var room in rooms)
        {
            room.RemoveRest(session, id, @namespace);
        }

        session.Execute(
            """
            DELETE FROM identity_client_secrets WHERE credential_id IN (SELECT id FROM identity_credentials WHERE workspace_id = @Id);
            DELETE FROM identity_credentials WHERE workspace_id = @Id;
            INSERT INTO identity_past_namespaces (name) SELECT name FROM identity_namespaces WHERE workspace_id = @Id;
            DELETE FROM identity_namespaces WHERE workspace_id = @Id;
            DELETE FROM identity_workspaces WHERE id = @Id;
            """,
            new { Id = id.Value });
    }

    private static string? NamespaceOf(WriteSession session, WorkspaceId id) =>
        session.QuerySingleOrDefault<string>("SELECT name FROM identity_namespaces WHERE workspace_id = @Id", new { Id = id.Value });

    private void InsertWorkspace(WriteSession session, ProjectId project, WorkspaceId id, string name) =>
        session.Execute(
            "INSERT INTO identity_workspaces (id, project_id, name, created_at) VALUES (@Id, @Project, @Name, @Now)",
            new { Id = id.Value, Project = project.Value, Name = name, Now = NowMs() });

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs());

    private long NowMs() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static ProjectRefusal Unknown(ProjectId id) => new($"There is no project '{id}'.");

    private static ProjectRefusal NameTaken(string name) =>
        new($"The organization already has a project with the name '{name}'. Choose another name.") { Field = "name" };
}
