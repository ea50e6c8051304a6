namespace Signalbox.Identity.Provisioning;

/// <summary>A workspace with everything that its user needs to work in it, secrets included: never logged.</summary>
public sealed record ProvisionedWorkspace
{
    public required string OrganizationName { get; init; }

    public required string ProjectName { get; init; }

    public required string ProjectTitle { get; init; }

    public required Workspace Workspace { get; init; }

    public required Credential Credential { get; init; }

    /// <summary>The credential's client secrets, newest first; at least one.</summary>
    public required IReadOnlyList<string> ClientSecrets { get; init; }

    public required NamespaceIdentity Namespace { get; init; }
}
