namespace Signalbox.Identity;

/// <summary>A Runtime namespace and who may use it.</summary>
public sealed record NamespaceIdentity
{
    /// <summary>The namespace's name, such as <c>23294-myproject-stage</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The user name of Basic authentication.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The password of Basic authentication: 64 characters or more. Never logged.</summary>
    public required string Key { get; init; }

    /// <summary>The workspace that owns it; null for system namespaces, which nobody can sign in to.</summary>
    public required Workspace? Workspace { get; init; }
}
