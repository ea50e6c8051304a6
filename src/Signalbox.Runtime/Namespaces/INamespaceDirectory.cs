using Signalbox.Identity;

namespace Signalbox.Runtime.Namespaces;

/// <summary>What this room needs to know of namespaces.</summary>
internal interface INamespaceDirectory
{
    /// <inheritdoc cref="IdentityDirectory.AuthenticateAsync"/>
    ValueTask<NamespaceIdentity?> AuthenticateAsync(Guid uuid, string key, CancellationToken cancellationToken);

    /// <inheritdoc cref="IdentityDirectory.FindNamespaceAsync(string, CancellationToken)"/>
    ValueTask<NamespaceIdentity?> FindAsync(string name, CancellationToken cancellationToken);
}

/// <summary>The identity room's namespaces.</summary>
internal sealed class IdentityNamespaces(IdentityDirectory identity) : INamespaceDirectory
{
    public ValueTask<NamespaceIdentity?> AuthenticateAsync(Guid uuid, string key, CancellationToken cancellationToken) =>
        identity.AuthenticateAsync(uuid, key, cancellationToken);

    public ValueTask<NamespaceIdentity?> FindAsync(string name, CancellationToken cancellationToken) =>
        identity.FindNamespaceAsync(name, cancellationToken);
}
