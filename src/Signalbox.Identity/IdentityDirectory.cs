namespace Signalbox.Identity;

/// <summary>
/// Organizations, projects, workspaces, credentials and namespaces, by their keys. Answers come from memory where
/// they can, because every request asks.
/// </summary>
public sealed class IdentityDirectory
{
    /// <summary>The workspace, or null when it does not exist below that project and organization.</summary>
    public ValueTask<Workspace?> FindWorkspaceAsync(
        OrganizationId organization, ProjectId project, WorkspaceId workspace, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The credential with that client id, or null.</summary>
    public ValueTask<Credential?> FindCredentialAsync(ClientId clientId, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The credential with that numeric id, or null.</summary>
    public ValueTask<Credential?> FindCredentialAsync(CredentialId id, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The credential's newest client secret (the key of the HMAC header), or null for an unknown client id.</summary>
    public ValueTask<string?> FindNewestSecretAsync(ClientId clientId, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The namespace that this uuid and key open, or null. Compared in constant time.</summary>
    public ValueTask<NamespaceIdentity?> AuthenticateAsync(Guid uuid, string key, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The namespace of that name, or null.</summary>
    public ValueTask<NamespaceIdentity?> FindNamespaceAsync(string name, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The workspace's Runtime namespace, or null when it has none.</summary>
    public ValueTask<NamespaceIdentity?> FindNamespaceAsync(WorkspaceId workspace, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
