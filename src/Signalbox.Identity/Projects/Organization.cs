namespace Signalbox.Identity.Projects;

/// <summary>A consumer organization: what projects, providers and quotas belong to.</summary>
public sealed record Organization
{
    public required OrganizationId Id { get; init; }

    public required string Name { get; init; }

    /// <summary><c>&lt;24 hex&gt;@AdobeOrg</c>.</summary>
    public required string ImsOrgId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
