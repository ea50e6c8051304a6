namespace Signalbox.Identity;

/// <summary>A workspace with the project and the organization that it stands in.</summary>
public sealed record Workspace
{
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>The organization's IMS id: <c>&lt;24 hex&gt;@AdobeOrg</c>.</summary>
    public required string ImsOrgId { get; init; }

    public required ProjectId ProjectId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    public required string Name { get; init; }
}
