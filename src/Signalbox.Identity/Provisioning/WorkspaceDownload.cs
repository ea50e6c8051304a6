namespace Signalbox.Identity.Provisioning;

/// <summary>What a project's download tells of one workspace, secrets included: never logged.</summary>
public sealed record WorkspaceDownload
{
    public required string OrganizationName { get; init; }

    public required string ProjectName { get; init; }

    public required string ProjectTitle { get; init; }

    public string ProjectDescription { get; init; } = "";

    public required Workspace Workspace { get; init; }

    /// <summary>Oldest first, each with its secrets, newest first; may be none.</summary>
    public required IReadOnlyList<(Credential Credential, IReadOnlyList<string> ClientSecrets)> Credentials { get; init; }

    /// <summary>Null when Runtime was not added.</summary>
    public NamespaceIdentity? Namespace { get; init; }

    internal static WorkspaceDownload Of(ProvisionedWorkspace workspace) => new()
    {
        OrganizationName = workspace.OrganizationName,
        ProjectName = workspace.ProjectName,
        ProjectTitle = workspace.ProjectTitle,
        Workspace = workspace.Workspace,
        Credentials = [(workspace.Credential, workspace.ClientSecrets)],
        Namespace = workspace.Namespace,
    };
}
