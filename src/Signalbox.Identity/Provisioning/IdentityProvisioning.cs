using Signalbox.Identity.Lookup;
using Signalbox.Identity.Projects;
using Signalbox.Storage;

namespace Signalbox.Identity.Provisioning;

/// <summary>Creates organizations, projects, workspaces, credentials and Runtime namespaces, and further client secrets.</summary>
public sealed class IdentityProvisioning(
    Database database, SecretProtector secrets, IdentityDirectory directory, TimeProvider clock)
{
    /// <summary>Client secrets that one credential may have; two are needed to change one without a gap.</summary>
    public const int SecretsPerCredentialMax = 10;

    private const string InsertSql = """
        INSERT INTO identity_organizations (id, name, ims_org_id, created_at)
        VALUES (@OrganizationId, @OrganizationName, @ImsOrgId, @Now);
        INSERT INTO identity_projects (id, organization_id, name, title, created_at)
        VALUES (@ProjectId, @OrganizationId, @ProjectName, @ProjectTitle, @Now);
        INSERT INTO identity_workspaces (id, project_id, name, created_at)
        VALUES (@WorkspaceId, @ProjectId, @WorkspaceName, @Now);
        INSERT INTO identity_credentials (id, workspace_id, client_id, name, technical_account_id, technical_account_email, created_at)
        VALUES (@CredentialId, @WorkspaceId, @ClientId, @CredentialName, @TechnicalAccountId, @TechnicalAccountEmail, @Now);
        INSERT INTO identity_client_secrets (credential_id, number, secret_protected, created_at)
        VALUES (@CredentialId, 1, @Secret, @Now);
        INSERT INTO identity_namespaces (name, uuid, key_protected, workspace_id, created_at)
        VALUES (@Namespace, @Uuid, @Key, @WorkspaceId, @Now);
        """;

    private readonly IdentityStore _store = new(database, secrets);

    /// <summary>
    /// The workspace that was created on the empty data directory; created now when there is none. Of several nodes
    /// that start at once, one creates it, and all return the same.
    /// </summary>
    public async Task<ProvisionedWorkspace> EnsureFirstWorkspaceAsync(NewWorkspace? names, CancellationToken cancellationToken)
    {
        if (await _store.FindFirstWorkspaceAsync(cancellationToken) is { } existing)
        {
            return await ReadAsync(existing, cancellationToken);
        }

        try
        {
            return await CreateAsync(names ?? new NewWorkspace(), first: true, cancellationToken);
        }
        catch (Exception exception) when (database.IsUniqueViolation(exception))
        {
            // Another node was quicker.
            var winner = await _store.FindFirstWorkspaceAsync(cancellationToken);
            if (winner is null)
            {
                throw;
            }

            return await ReadAsync(winner.Value, cancellationToken);
        }
    }

    /// <summary>Creates an organization with a project, a workspace, a credential and a Runtime namespace.</summary>
    /// <exception cref="ArgumentException">A name breaks its rule.</exception>
    public Task<ProvisionedWorkspace> CreateAsync(NewWorkspace names, CancellationToken cancellationToken) =>
        CreateAsync(names, first: false, cancellationToken);

    /// <summary>
    /// Adds a client secret, which is then the newest: the key of the HMAC header. The older ones keep working for
    /// tokens. Null when the credential does not exist or has <see cref="SecretsPerCredentialMax"/> already.
    /// </summary>
    public async Task<string?> AddClientSecretAsync(CredentialId credential, CancellationToken cancellationToken)
    {
        var secret = RandomIds.ClientSecret();
        var added = await database.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO identity_client_secrets (credential_id, number, secret_protected, created_at)
                SELECT c.id, COALESCE((SELECT MAX(s.number) FROM identity_client_secrets s WHERE s.credential_id = c.id), 0) + 1,
                       @Secret, @Now
                FROM identity_credentials c
                WHERE c.id = @Id AND (SELECT COUNT(*) FROM identity_client_secrets s WHERE s.credential_id = c.id) < @Max
                """,
                new { Id = credential.Value, Secret = ProtectSecret(secret), Now = Now(), Max = SecretsPerCredentialMax }),
            cancellationToken);
        directory.ForgetSecrets();
        return added == 1 ? secret : null;
    }

    /// <summary>Everything about a workspace that exists and was created here.</summary>
    /// <exception cref="InvalidOperationException">It does not exist, or has lost its credential or namespace.</exception>
    public async Task<ProvisionedWorkspace> ReadAsync(WorkspaceId id, CancellationToken cancellationToken)
    {
        var workspace = await _store.FindWorkspaceAsync(id, cancellationToken);
        var credential = await _store.FindFirstCredentialAsync(id, cancellationToken);
        var @namespace = await _store.FindNamespaceAsync(id, cancellationToken);
        if (workspace is null || credential is null || @namespace is null)
        {
            throw new InvalidOperationException(
                $"Workspace {id} is incomplete in the database. Restore a backup, or start with another data directory.");
        }

        return new ProvisionedWorkspace
        {
            OrganizationName = workspace.OrganizationName,
            ProjectName = workspace.ProjectName,
            ProjectTitle = workspace.ProjectTitle,
            Workspace = workspace.ToWorkspace(),
            Credential = credential,
            ClientSecrets = await _store.ListSecretsAsync(credential.ClientId, cancellationToken),
            Namespace = @namespace,
        };
    }

    private async Task<ProvisionedWorkspace> CreateAsync(NewWorkspace names, bool first, CancellationToken cancellationToken)
    {
        names.Validate();
        var created = Invent(names);
        var row = new
        {
            OrganizationId = created.Workspace.OrganizationId.Value,
            created.OrganizationName,
            created.Workspace.ImsOrgId,
            ProjectId = created.Workspace.ProjectId.Value,
            created.ProjectName,
            created.ProjectTitle,
            WorkspaceId = created.Workspace.WorkspaceId.Value,
            WorkspaceName = created.Workspace.Name,
            CredentialId = created.Credential.Id.Value,
            CredentialName = created.Credential.Name,
            ClientId = created.Credential.ClientId.Value,
            created.Credential.TechnicalAccountId,
            created.Credential.TechnicalAccountEmail,
            Secret = ProtectSecret(created.ClientSecrets[0]),
            Namespace = created.Namespace.Name,
            Uuid = created.Namespace.Uuid.ToString("D"),
            Key = secrets.Protect(IdentityStore.NamespaceKeyPurpose, created.Namespace.Key),
            Now = Now(),
        };
        await database.WriteAsync(
            session =>
            {
                session.Execute(InsertSql, row);
                if (first)
                {
                    session.Execute("INSERT INTO identity_first_workspace (place, workspace_id) VALUES (1, @WorkspaceId)", row);
                }
            },
            cancellationToken);
        return created;
    }

    private static ProvisionedWorkspace Invent(NewWorkspace names)
    {
        var workspace = new Workspace
        {
            OrganizationId = RandomIds.Organization(),
            ImsOrgId = RandomIds.ImsOrg(),
            ProjectId = RandomIds.Project(),
            WorkspaceId = RandomIds.Workspace(),
            Name = names.WorkspaceName,
        };
        return new ProvisionedWorkspace
        {
            OrganizationName = names.OrganizationName,
            ProjectName = names.ProjectName,
            ProjectTitle = names.ProjectTitle,
            Workspace = workspace,
            Credential = RandomIds.NewCredential(workspace, "OAuth Server-to-Server"),
            ClientSecrets = [RandomIds.ClientSecret()],
            Namespace = new NamespaceIdentity
            {
                Name = WorkspaceRuntime.NameOf(workspace, names.ProjectName),
                Uuid = Guid.NewGuid(),
                Key = RandomIds.NamespaceKey(),
                Workspace = workspace,
            },
        };
    }

    private string ProtectSecret(string secret) => secrets.Protect(IdentityStore.ClientSecretPurpose, secret);

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
