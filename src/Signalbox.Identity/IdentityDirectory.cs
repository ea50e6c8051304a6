using System.Security.Cryptography;
using System.Text;
using Signalbox.Identity.Lookup;
using Signalbox.Identity.Provisioning;
using Signalbox.Storage;

namespace Signalbox.Identity;

/// <summary>
/// Organizations, projects, workspaces, credentials and namespaces, by their keys. Answers come from memory where
/// they can, because every request asks. Only what exists is remembered, so that what another node creates is seen
/// at once; what another node changes is seen after a restart.
/// </summary>
public sealed class IdentityDirectory
{
    private const int KeyBytesMax = 512;

    private readonly IdentityStore _store;
    private readonly Dictionary<string, NamespaceIdentity> _systemNamespaces;
    private readonly BoundedCache<WorkspaceId, Workspace> _workspaces;
    private readonly BoundedCache<ClientId, Credential> _credentialsByClient;
    private readonly BoundedCache<CredentialId, Credential> _credentials;
    private readonly BoundedCache<ClientId, IReadOnlyList<string>> _secrets;
    private readonly BoundedCache<Guid, NamespaceIdentity> _namespacesByUuid;
    private readonly BoundedCache<string, NamespaceIdentity> _namespacesByName;
    private readonly BoundedCache<WorkspaceId, NamespaceIdentity> _namespacesByWorkspace;

    public IdentityDirectory(Database database, SecretProtector secrets, IdentityOptions options)
    {
        options.Validate();
        _store = new IdentityStore(database, secrets);
        _systemNamespaces = SystemNamespaces.ToDictionary(name => name, NewSystemNamespace, StringComparer.Ordinal);
        _workspaces = new(options.CacheEntriesMax);
        _credentialsByClient = new(options.CacheEntriesMax);
        _credentials = new(options.CacheEntriesMax);
        _secrets = new(options.CacheEntriesMax);
        _namespacesByUuid = new(options.CacheEntriesMax);
        _namespacesByName = new(options.CacheEntriesMax);
        _namespacesByWorkspace = new(options.CacheEntriesMax);
    }

    /// <summary>The names of the namespaces that hold the built-in packages; nobody can sign in to them.</summary>
    public static IReadOnlyList<string> SystemNamespaces { get; } = ["whisk.system", "adobe"];

    /// <summary>The workspace, or null when it does not exist below that project and organization.</summary>
    public async ValueTask<Workspace?> FindWorkspaceAsync(
        OrganizationId organization, ProjectId project, WorkspaceId workspace, CancellationToken cancellationToken)
    {
        var found = await FindAsync(
            _workspaces, workspace, async (id, token) => (await _store.FindWorkspaceAsync(id, token))?.ToWorkspace(), cancellationToken);
        return found is not null && found.OrganizationId == organization && found.ProjectId == project ? found : null;
    }

    /// <summary>The credential with that client id, or null.</summary>
    public ValueTask<Credential?> FindCredentialAsync(ClientId clientId, CancellationToken cancellationToken) =>
        FindAsync(_credentialsByClient, clientId, _store.FindCredentialAsync, cancellationToken);

    /// <summary>The credential with that numeric id, or null.</summary>
    public ValueTask<Credential?> FindCredentialAsync(CredentialId id, CancellationToken cancellationToken) =>
        FindAsync(_credentials, id, _store.FindCredentialAsync, cancellationToken);

    /// <summary>The credential's newest client secret (the key of the HMAC header), or null for an unknown client id.</summary>
    public async ValueTask<string?> FindNewestSecretAsync(ClientId clientId, CancellationToken cancellationToken) =>
        await ListSecretsAsync(clientId, cancellationToken) is [var newest, ..] ? newest : null;

    /// <summary>True when the secret is one of the client's. Compared in constant time.</summary>
    public async ValueTask<bool> AuthenticateClientAsync(ClientId clientId, string secret, CancellationToken cancellationToken)
    {
        var matches = false;
        foreach (var known in await ListSecretsAsync(clientId, cancellationToken))
        {
            matches |= EqualInConstantTime(secret, known);
        }

        return matches;
    }

    /// <summary>The namespace that this uuid and key open, or null. Compared in constant time.</summary>
    public ValueTask<NamespaceIdentity?> AuthenticateAsync(Guid uuid, string key, CancellationToken cancellationToken)
    {
        if (_namespacesByUuid.TryGet(uuid, out var known))
        {
            return ValueTask.FromResult(EqualInConstantTime(key, known.Key) ? known : null);
        }

        return AuthenticateFromStoreAsync(uuid, key, cancellationToken);
    }

    /// <summary>The namespace of that name, or null.</summary>
    public ValueTask<NamespaceIdentity?> FindNamespaceAsync(string name, CancellationToken cancellationToken) =>
        _systemNamespaces.TryGetValue(name, out var system)
            ? ValueTask.FromResult<NamespaceIdentity?>(system)
            : FindAsync(_namespacesByName, name, _store.FindNamespaceAsync, cancellationToken);

    /// <summary>The workspace's Runtime namespace, or null when it has none.</summary>
    public ValueTask<NamespaceIdentity?> FindNamespaceAsync(WorkspaceId workspace, CancellationToken cancellationToken) =>
        FindAsync(_namespacesByWorkspace, workspace, _store.FindNamespaceAsync, cancellationToken);

    /// <summary>Forgets every client secret, after a write that changed some.</summary>
    internal void ForgetSecrets() => _secrets.Clear();

    /// <summary>Forgets everything, after a write that changed or deleted workspaces, credentials or namespaces.</summary>
    internal void ForgetAll()
    {
        _workspaces.Clear();
        _credentialsByClient.Clear();
        _credentials.Clear();
        _secrets.Clear();
        _namespacesByUuid.Clear();
        _namespacesByName.Clear();
        _namespacesByWorkspace.Clear();
    }

    /// <summary>Compares two texts in a time that tells nothing but whether their lengths differ.</summary>
    internal static bool EqualInConstantTime(string given, string known)
    {
        // A longer text than any key is refused unread, so that the comparison needs no heap.
        if (given.Length > KeyBytesMax / 3 || known.Length > KeyBytesMax / 3)
        {
            return false;
        }

        Span<byte> givenBytes = stackalloc byte[KeyBytesMax];
        Span<byte> knownBytes = stackalloc byte[KeyBytesMax];
        return CryptographicOperations.FixedTimeEquals(
            givenBytes[..Encoding.UTF8.GetBytes(given, givenBytes)],
            knownBytes[..Encoding.UTF8.GetBytes(known, knownBytes)]);
    }

    private async ValueTask<NamespaceIdentity?> AuthenticateFromStoreAsync(Guid uuid, string key, CancellationToken cancellationToken)
    {
        // Reading the database blocks, and the caller may be an event loop.
        await Task.Yield();
        var found = await FindAsync(_namespacesByUuid, uuid, _store.FindNamespaceAsync, cancellationToken);
        return found is not null && EqualInConstantTime(key, found.Key) ? found : null;
    }

    private async ValueTask<IReadOnlyList<string>> ListSecretsAsync(ClientId clientId, CancellationToken cancellationToken)
    {
        if (_secrets.TryGet(clientId, out var known))
        {
            return known;
        }

        var version = _secrets.Version;
        var found = await _store.ListSecretsAsync(clientId, cancellationToken);
        if (found.Count > 0)
        {
            _secrets.Add(clientId, found, version);
        }

        return found;
    }

    private static ValueTask<TValue?> FindAsync<TKey, TValue>(
        BoundedCache<TKey, TValue> cache, TKey key, Func<TKey, CancellationToken, Task<TValue?>> load, CancellationToken cancellationToken)
        where TKey : notnull
        where TValue : class =>
        cache.TryGet(key, out var known) ? ValueTask.FromResult<TValue?>(known) : LoadAsync(cache, key, load, cancellationToken);

    private static async ValueTask<TValue?> LoadAsync<TKey, TValue>(
        BoundedCache<TKey, TValue> cache, TKey key, Func<TKey, CancellationToken, Task<TValue?>> load, CancellationToken cancellationToken)
        where TKey : notnull
        where TValue : class
    {
        var version = cache.Version;
        var found = await load(key, cancellationToken);
        if (found is not null)
        {
            cache.Add(key, found, version);
        }

        return found;
    }

    private static NamespaceIdentity NewSystemNamespace(string name) => new()
    {
        Name = name,
        Uuid = Guid.NewGuid(),
        Key = RandomIds.NamespaceKey(),
        Workspace = null,
    };
}
