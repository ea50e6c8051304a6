namespace Signalbox.Identity.Projects;

/// <summary>A project with its workspaces.</summary>
public sealed record Project
{
    public required ProjectId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required string OrganizationName { get; init; }

    /// <summary>1 to 20 letters and digits, unique in the organization; part of new namespaces' names.</summary>
    public required string Name { get; init; }

    /// <summary>What people call it: 1 to 45 letters, digits and spaces.</summary>
    public required string Title { get; init; }

    public required string Description { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>No e-mail tells of its registrations.</summary>
    public required bool AlertsPaused { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<ProjectWorkspace> Workspaces { get; init; }

    /// <summary>Its place in the list.</summary>
    public ProjectKey Key => new(CreatedAt.ToUnixTimeMilliseconds(), Id.Value);
}
