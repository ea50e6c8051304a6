namespace Signalbox.Identity.Projects;

/// <summary>A page of projects.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="HasNewer">There is a page before.</param>
/// <param name="HasOlder">There is a page behind.</param>
/// <param name="ServerHasAny">False: there is no project at all, whatever is asked for.</param>
public sealed record ProjectListing(IReadOnlyList<Project> Items, bool HasNewer, bool HasOlder, bool ServerHasAny);
