namespace Signalbox.Identity.Workspaces;

/// <summary>A workspace with the names of what it stands in.</summary>
public sealed record WorkspaceEntry
{
    public required Workspace Workspace { get; init; }

    public required string OrganizationName { get; init; }

    public required string ProjectName { get; init; }

    public required string ProjectTitle { get; init; }
}
