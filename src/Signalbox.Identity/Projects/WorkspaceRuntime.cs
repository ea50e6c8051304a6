using System.Globalization;
using Signalbox.Identity.Lookup;
using Signalbox.Identity.Provisioning;
using Signalbox.Storage;

namespace Signalbox.Identity.Projects;

/// <summary>Gives a workspace its Runtime namespace, and the namespace a new key.</summary>
public sealed class WorkspaceRuntime(Database database, SecretProtector secrets, IdentityDirectory directory, TimeProvider clock)
{
    /// <summary>Names that are tried when another namespace has, or had, the first one.</summary>
    private const int NamesTriedMax = 1_000;

    private readonly IdentityStore _store = new(database, secrets);

    /// <summary>Creates the namespace <c>&lt;organization&gt;-&lt;project&gt;-&lt;workspace&gt;</c> and its key.</summary>
    /// <remarks>A name is never given twice, so that nobody finds the activations of a namespace that is gone.</remarks>
    public async Task<ProjectOutcome<NamespaceIdentity>> AddAsync(WorkspaceId workspace, CancellationToken cancellationToken)
    {
        if (await _store.FindWorkspaceAsync(workspace, cancellationToken) is not { } row)
        {
            return new ProjectRefusal($"There is no workspace '{workspace}'.");
        }

        var wanted = NameOf(row.ToWorkspace(), row.ProjectName);
        var (uuid, key) = (Guid.NewGuid(), RandomIds.NamespaceKey());
        var keyProtected = secrets.Protect(IdentityStore.NamespaceKeyPurpose, key);
        var name = await database.WriteAsync(
            session =>
            {
                if (session.QuerySingleOrDefault<string>("SELECT name FROM identity_namespaces WHERE workspace_id = @Id", new { Id = workspace.Value }) is not null)
                {
                    return null;
                }

                var free = FindFree(session, wanted);
                session.Execute(
                    "INSERT INTO identity_namespaces (name, uuid, key_protected, workspace_id, created_at) VALUES (@Name, @Uuid, @Key, @Workspace, @Now)",
                    new { Name = free, Uuid = uuid.ToString("D"), Key = keyProtected, Workspace = workspace.Value, Now = clock.GetUtcNow().ToUnixTimeMilliseconds() });
                return free;
            },
            cancellationToken);
        return name is null
            ? new ProjectRefusal($"The workspace {row.WorkspaceName} already has a Runtime namespace.")
            : new NamespaceIdentity { Name = name, Uuid = uuid, Key = key, Workspace = row.ToWorkspace() };
    }

    /// <summary>Draws a new key. The old one is refused from now on.</summary>
    public async Task<ProjectOutcome<NamespaceIdentity>> RotateKeyAsync(WorkspaceId workspace, CancellationToken cancellationToken)
    {
        var keyProtected = secrets.Protect(IdentityStore.NamespaceKeyPurpose, RandomIds.NamespaceKey());
        await database.WriteAsync(
            session => session.Execute(
                "UPDATE identity_namespaces SET key_protected = @Key WHERE workspace_id = @Id", new { Key = keyProtected, Id = workspace.Value }),
            cancellationToken);
        directory.ForgetAll();
        return await _store.FindNamespaceAsync(workspace, cancellationToken) is { } rotated
            ? rotated
            : new ProjectRefusal($"Workspace '{workspace}' has no Runtime namespace. Add Runtime to it first.");
    }

    internal static string NameOf(Workspace workspace, string projectName) => string.Create(
        CultureInfo.InvariantCulture,
        $"{workspace.OrganizationId}-{projectName.ToLowerInvariant()}-{workspace.Name.ToLowerInvariant()}");

    private static string FindFree(WriteSession session, string wanted)
    {
        for (var number = 1; number <= NamesTriedMax; number++)
        {
            var name = number == 1 ? wanted : string.Create(CultureInfo.InvariantCulture, $"{wanted}-{number}");
            if (session.QuerySingleOrDefault<string>(
                "SELECT name FROM identity_namespaces WHERE name = @name UNION ALL SELECT name FROM identity_past_namespaces WHERE name = @name", new { name }) is null)
            {
                return name;
            }
        }

        return $"{wanted}-{Guid.NewGuid():N}";
    }
}
