namespace Signalbox.WebConsole.Projects;

/// <summary>What a workspace has, for its overview.</summary>
/// <param name="Credentials">Names of its credentials.</param>
/// <param name="Registrations">Names of its newest registrations.</param>
/// <param name="HasMoreRegistrations">There are more than those.</param>
/// <param name="Providers">Labels of its newest providers.</param>
/// <param name="HasMoreProviders">There are more than those.</param>
/// <param name="Namespace">Its Runtime namespace; null when it has none.</param>
/// <param name="Actions">User-defined actions, up to <see cref="ActionsMax"/>.</param>
public sealed record OverviewFacts(
    IReadOnlyList<OverviewLink> Credentials,
    IReadOnlyList<OverviewLink> Registrations,
    bool HasMoreRegistrations,
    IReadOnlyList<OverviewLink> Providers,
    bool HasMoreProviders,
    string? Namespace,
    int Actions)
{
    /// <summary>Actions are counted up to this many; beyond, the overview says so.</summary>
    public const int ActionsMax = 1_000;
}
