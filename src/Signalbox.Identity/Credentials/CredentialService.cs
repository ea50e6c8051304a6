using Dapper;
using Signalbox.Identity.Lookup;
using Signalbox.Identity.Projects;
using Signalbox.Identity.Provisioning;
using Signalbox.Storage;

namespace Signalbox.Identity.Credentials;

/// <summary>
/// The rules of a workspace's OAuth server-to-server credentials, for whoever speaks for its user. A secret is changed
/// without a gap by adding a second one, giving it to the clients, and deleting the first.
/// </summary>
public sealed class CredentialService(
    Database database, SecretProtector secrets, IdentityDirectory directory, IEnumerable<IWorkspaceContents> rooms, TimeProvider clock)
{
    public const int CredentialsPerWorkspaceMax = 20;

    public const int SecretsPerCredentialMax = IdentityProvisioning.SecretsPerCredentialMax;

    private const int ShownCharacters = 4;

    private readonly IdentityStore _store = new(database, secrets);

    /// <summary>The workspace's credentials, oldest first; at most <see cref="CredentialsPerWorkspaceMax"/>.</summary>
    public async Task<IReadOnlyList<CredentialEntry>> ListAsync(WorkspaceId workspace, CancellationToken cancellationToken)
    {
        var credentials = await _store.ListCredentialsAsync(workspace, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<SecretRow>(new CommandDefinition(
            """
            SELECT s.credential_id AS CredentialId, s.number AS Number, s.secret_protected AS SecretProtected, s.created_at AS CreatedMs
            FROM identity_client_secrets s JOIN identity_credentials c ON c.id = s.credential_id
            WHERE c.workspace_id = @Id ORDER BY s.number DESC
            """,
            new { Id = workspace.Value }, cancellationToken: cancellationToken))).ToLookup(row => row.CredentialId);
        return
        [
            .. credentials.Select(found => new CredentialEntry
            {
                Credential = found.Credential,
                CreatedAt = found.CreatedAt,
                Secrets = [.. rows[found.Credential.Id.Value].Select(row => new ClientSecretEntry(
                    row.Number,
                    secrets.Unprotect(IdentityStore.ClientSecretPurpose, row.SecretProtected)[^ShownCharacters..],
                    DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedMs)))],
            }),
        ];
    }

    /// <summary>Null when the workspace has no credential with that id.</summary>
    public async Task<CredentialEntry?> FindAsync(WorkspaceId workspace, CredentialId id, CancellationToken cancellationToken) =>
        (await ListAsync(workspace, cancellationToken)).FirstOrDefault(entry => entry.Credential.Id == id);

    /// <summary>Creates a credential with its first secret.</summary>
    public async Task<ProjectOutcome<NewCredential>> CreateAsync(WorkspaceId workspace, string name, CancellationToken cancellationToken)
    {
        if (NameRules.CheckCredentialName(name) is { } refusal)
        {
            return refusal;
        }

        if ((await _store.FindWorkspaceAsync(workspace, cancellationToken))?.ToWorkspace() is not { } place)
        {
            return new ProjectRefusal($"There is no workspace '{workspace}'.");
        }

        var (credential, secret) = (RandomIds.NewCredential(place, name.Trim()), RandomIds.ClientSecret());
        var row = new
        {
            Id = credential.Id.Value,
            Workspace = workspace.Value,
            ClientId = credential.ClientId.Value,
            credential.Name,
            credential.TechnicalAccountId,
            credential.TechnicalAccountEmail,
            Secret = secrets.Protect(IdentityStore.ClientSecretPurpose, secret),
            Now = NowMs(),
            Max = CredentialsPerWorkspaceMax,
        };
        var objection = await database.WriteAsync(
            session =>
            {
                var names = session.Query<string>("SELECT name FROM identity_credentials WHERE workspace_id = @Workspace", row);
                if (names.Contains(row.Name, StringComparer.OrdinalIgnoreCase))
                {
                    return NameTaken(row.Name);
                }

                if (names.Count >= CredentialsPerWorkspaceMax)
                {
                    return new ProjectRefusal($"The workspace has {CredentialsPerWorkspaceMax} credentials, which is the most. Delete one first.");
                }

                session.Execute(
                    """
                    INSERT INTO identity_credentials (id, workspace_id, client_id, name, technical_account_id, technical_account_email, created_at)
                    VALUES (@Id, @Workspace, @ClientId, @Name, @TechnicalAccountId, @TechnicalAccountEmail, @Now);
                    INSERT INTO identity_client_secrets (credential_id, number, secret_protected, created_at) VALUES (@Id, 1, @Secret, @Now);
                    """,
                    row);
                return null;
            },
            cancellationToken);
        return objection is null ? new NewCredential(credential, secret) : objection;
    }

    public async Task<ProjectOutcome<CredentialEntry>> RenameAsync(WorkspaceId workspace, CredentialId id, string name, CancellationToken cancellationToken)
    {
        if (NameRules.CheckCredentialName(name) is { } refusal)
        {
            return refusal;
        }

        var row = new { Id = id.Value, Workspace = workspace.Value, Name = name.Trim() };
        var objection = await database.WriteAsync(
            session =>
            {
                var others = session.Query<string>("SELECT name FROM identity_credentials WHERE workspace_id = @Workspace AND id <> @Id", row);
                if (others.Contains(row.Name, StringComparer.OrdinalIgnoreCase))
                {
                    return NameTaken(row.Name);
                }

                session.Execute("UPDATE identity_credentials SET name = @Name WHERE id = @Id AND workspace_id = @Workspace", row);
                return null;
            },
            cancellationToken);
        directory.ForgetAll();
        return objection is not null ? objection : await FindOrRefuseAsync(workspace, id, cancellationToken);
    }

    /// <summary>
    /// Adds a secret. From now on it is the newest: it signs the HMAC header of deliveries; the older ones keep
    /// working for tokens.
    /// </summary>
    public async Task<ProjectOutcome<NewClientSecret>> AddSecretAsync(WorkspaceId workspace, CredentialId id, CancellationToken cancellationToken)
    {
        var secret = RandomIds.ClientSecret();
        var row = new { Id = id.Value, Workspace = workspace.Value, Secret = secrets.Protect(IdentityStore.ClientSecretPurpose, secret), Now = NowMs() };
        var (number, objection) = await database.WriteAsync<(int, ProjectRefusal?)>(
            session =>
            {
                if (!Exists(session, workspace, id))
                {
                    return (0, Unknown(id));
                }

                var numbers = NumbersOf(session, id);
                if (numbers.Count >= SecretsPerCredentialMax)
                {
                    return (0, new ProjectRefusal($"The credential has {SecretsPerCredentialMax} client secrets, which is the most. Delete one that no client uses any more."));
                }

                var next = numbers.DefaultIfEmpty(0).Max() + 1;
                session.Execute(
                    "INSERT INTO identity_client_secrets (credential_id, number, secret_protected, created_at) VALUES (@Id, @Number, @Secret, @Now)",
                    new { row.Id, Number = next, row.Secret, row.Now });
                return (next, null);
            },
            cancellationToken);
        directory.ForgetSecrets();
        return objection is null ? new NewClientSecret(number, secret) : objection;
    }

    /// <summary>Deletes a secret, which is refused from now on. The last one stays.</summary>
    public async Task<ProjectOutcome<CredentialEntry>> DeleteSecretAsync(WorkspaceId workspace, CredentialId id, int number, CancellationToken cancellationToken)
    {
        var objection = await database.WriteAsync(
            session =>
            {
                var numbers = Exists(session, workspace, id) ? NumbersOf(session, id) : [];
                if (!numbers.Contains(number))
                {
                    return new ProjectRefusal($"The credential '{id}' has no client secret {number}. It was deleted already.");
                }

                if (numbers.Count == 1)
                {
                    return new ProjectRefusal("This is the credential's only client secret. Add another one first, or delete the credential.");
                }

                session.Execute("DELETE FROM identity_client_secrets WHERE credential_id = @Id AND number = @number", new { Id = id.Value, number });
                return null;
            },
            cancellationToken);
        directory.ForgetSecrets();
        return objection is not null ? objection : await FindOrRefuseAsync(workspace, id, cancellationToken);
    }

    /// <summary>Deletes a credential with its secrets, when nothing works with it. Its tokens are refused from now on.</summary>
    public async Task<ProjectOutcome<Credential>> DeleteAsync(WorkspaceId workspace, CredentialId id, CancellationToken cancellationToken)
    {
        if (await FindAsync(workspace, id, cancellationToken) is not { } entry)
        {
            return Unknown(id);
        }

        var client = entry.Credential.ClientId;
        var objection = await database.WriteAsync(
            session =>
            {
                // `signalbox env` and the server's start read the first workspace's credential.
                if (IsLastOfFirstWorkspace(session, workspace))
                {
                    return new ProjectRefusal("This is the last credential of the workspace that 'signalbox env' and 'signalbox dev' work in. Create another one first.");
                }

                var uses = rooms.SelectMany(room => room.FindUsesOf(session, client)).ToList();
                if (uses.Count > 0)
                {
                    return new ProjectRefusal($"The credential '{entry.Credential.Name}' is used by {string.Join(", ", uses)}. Delete them first.");
                }

                session.Execute(
                    """
                    DELETE FROM identity_client_secrets WHERE credential_id = @Id;
                    DELETE FROM identity_credentials WHERE id = @Id;
                    """,
                    new { Id = id.Value });
                return null;
            },
            cancellationToken);
        directory.ForgetAll();
        return objection is null ? entry.Credential : objection;
    }

    private async Task<ProjectOutcome<CredentialEntry>> FindOrRefuseAsync(WorkspaceId workspace, CredentialId id, CancellationToken cancellationToken) =>
        await FindAsync(workspace, id, cancellationToken) is { } entry ? entry : Unknown(id);

    private static bool IsLastOfFirstWorkspace(WriteSession session, WorkspaceId workspace) =>
        session.QuerySingleOrDefault<string>("SELECT workspace_id FROM identity_first_workspace WHERE workspace_id = @Id", new { Id = workspace.Value }) is not null
        && session.QuerySingleOrDefault<long>("SELECT COUNT(*) FROM identity_credentials WHERE workspace_id = @Id", new { Id = workspace.Value }) == 1;

    private static bool Exists(WriteSession session, WorkspaceId workspace, CredentialId id) =>
        session.QuerySingleOrDefault<string>(
            "SELECT id FROM identity_credentials WHERE id = @Id AND workspace_id = @Workspace", new { Id = id.Value, Workspace = workspace.Value }) is not null;

    private static IReadOnlyList<int> NumbersOf(WriteSession session, CredentialId id) =>
        session.Query<int>("SELECT number FROM identity_client_secrets WHERE credential_id = @Id", new { Id = id.Value });

    private long NowMs() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static ProjectRefusal Unknown(CredentialId id) => new($"The workspace has no credential '{id}'.");

    private static ProjectRefusal NameTaken(string name) =>
        new($"The workspace already has a credential with the name '{name}'. Choose another name.") { Field = "name" };

    private sealed class SecretRow
    {
        public string CredentialId { get; init; } = "";
        public int Number { get; init; }
        public string SecretProtected { get; init; } = "";
        public long CreatedMs { get; init; }
    }
}
