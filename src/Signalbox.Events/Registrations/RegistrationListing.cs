namespace Signalbox.Events.Registrations;

/// <summary>A page of registrations, and whether there are others before and behind it.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="HasNewer">Others stand before the first.</param>
/// <param name="HasOlder">Others stand behind the last.</param>
/// <param name="WorkspaceHasAny">False when the workspace has none at all, whatever the query says.</param>
public sealed record RegistrationListing(IReadOnlyList<Registration> Items, bool HasNewer, bool HasOlder, bool WorkspaceHasAny);
