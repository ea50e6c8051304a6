using Dapper;
using Signalbox.Storage;

namespace Signalbox.Identity.Lookup;

/// <summary>Reads identities from the database; secrets come decrypted.</summary>
internal sealed class IdentityStore(Database database, SecretProtector secrets)
{
    public const string ClientSecretPurpose = "identity.client-secret";
    public const string NamespaceKeyPurpose = "identity.namespace-key";

    private const string WorkspaceColumns = """
        o.id AS OrganizationId, o.name AS OrganizationName, o.ims_org_id AS ImsOrgId,
        p.id AS ProjectId, p.name AS ProjectName, p.title AS ProjectTitle, p.description AS ProjectDescription,
        w.id AS WorkspaceId, w.name AS WorkspaceName
        """;

    private const string WorkspaceTables = """
        identity_workspaces w
        JOIN identity_projects p ON p.id = w.project_id
        JOIN identity_organizations o ON o.id = p.organization_id
        """;

    private const string CredentialQuery = $"""
        SELECT c.id AS CredentialId, c.client_id AS ClientId, c.name AS CredentialName,
               c.technical_account_id AS TechnicalAccountId, c.technical_account_email AS TechnicalAccountEmail,
               c.created_at AS CredentialCreatedMs, {WorkspaceColumns}
        FROM {WorkspaceTables} JOIN identity_credentials c ON c.workspace_id = w.id
        """;

    private const string NamespaceQuery = $"""
        SELECT n.name AS Name, n.uuid AS Uuid, n.key_protected AS KeyProtected, {WorkspaceColumns}
        FROM {WorkspaceTables} JOIN identity_namespaces n ON n.workspace_id = w.id
        """;

    public Task<WorkspaceRow?> FindWorkspaceAsync(WorkspaceId id, CancellationToken cancellationToken) =>
        SingleAsync<WorkspaceRow>(
            $"SELECT {WorkspaceColumns} FROM {WorkspaceTables} WHERE w.id = @Id", new { Id = id.Value }, cancellationToken);

    public async Task<Credential?> FindCredentialAsync(ClientId id, CancellationToken cancellationToken) =>
        (await SingleAsync<CredentialRow>($"{CredentialQuery} WHERE c.client_id = @Id", new { Id = id.Value }, cancellationToken))
            ?.ToCredential();

    public async Task<Credential?> FindCredentialAsync(CredentialId id, CancellationToken cancellationToken) =>
        (await SingleAsync<CredentialRow>($"{CredentialQuery} WHERE c.id = @Id", new { Id = id.Value }, cancellationToken))
            ?.ToCredential();

    /// <summary>The workspace's oldest credential: the one that the Developer Console's download names first.</summary>
    public async Task<Credential?> FindFirstCredentialAsync(WorkspaceId id, CancellationToken cancellationToken) =>
        (await SingleAsync<CredentialRow>(
            $"{CredentialQuery} WHERE w.id = @Id ORDER BY c.created_at, c.id LIMIT 1", new { Id = id.Value }, cancellationToken))
            ?.ToCredential();

    /// <summary>The workspace's credentials, oldest first.</summary>
    public async Task<IReadOnlyList<(Credential Credential, DateTimeOffset CreatedAt)>> ListCredentialsAsync(
        WorkspaceId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<CredentialRow>(new CommandDefinition(
            $"{CredentialQuery} WHERE w.id = @Id ORDER BY c.created_at, c.id", new { Id = id.Value }, cancellationToken: cancellationToken));
        return [.. rows.Select(row => (row.ToCredential(), DateTimeOffset.FromUnixTimeMilliseconds(row.CredentialCreatedMs)))];
    }

    public Task<NamespaceIdentity?> FindNamespaceAsync(string name, CancellationToken cancellationToken) =>
        NamespaceAsync("n.name = @Id", name, cancellationToken);

    public Task<NamespaceIdentity?> FindNamespaceAsync(Guid uuid, CancellationToken cancellationToken) =>
        NamespaceAsync("n.uuid = @Id", uuid.ToString("D"), cancellationToken);

    public Task<NamespaceIdentity?> FindNamespaceAsync(WorkspaceId id, CancellationToken cancellationToken) =>
        NamespaceAsync("n.workspace_id = @Id", id.Value, cancellationToken);

    /// <summary>The credential's client secrets, newest first; empty for an unknown client id.</summary>
    public async Task<IReadOnlyList<string>> ListSecretsAsync(ClientId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<string>(new CommandDefinition(
            """
            SELECT s.secret_protected FROM identity_client_secrets s JOIN identity_credentials c ON c.id = s.credential_id
            WHERE c.client_id = @Id ORDER BY s.number DESC
            """,
            new { Id = id.Value },
            cancellationToken: cancellationToken));
        return [.. rows.Select(row => secrets.Unprotect(ClientSecretPurpose, row))];
    }

    /// <summary>The workspace that was created on the empty data directory, or null while there is none.</summary>
    public async Task<WorkspaceId?> FindFirstWorkspaceAsync(CancellationToken cancellationToken)
    {
        var id = await SingleAsync<string>("SELECT workspace_id FROM identity_first_workspace", null, cancellationToken);
        return id is null ? null : new WorkspaceId(id);
    }

    private async Task<NamespaceIdentity?> NamespaceAsync(string condition, string id, CancellationToken cancellationToken)
    {
        var row = await SingleAsync<NamespaceRow>($"{NamespaceQuery} WHERE {condition}", new { Id = id }, cancellationToken);
        return row is null ? null : new NamespaceIdentity
        {
            Name = row.Name,
            Uuid = Guid.Parse(row.Uuid),
            Key = secrets.Unprotect(NamespaceKeyPurpose, row.KeyProtected),
            Workspace = row.ToWorkspace(),
        };
    }

    private async Task<T?> SingleAsync<T>(string sql, object? parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }
}
