namespace Signalbox.Events.Providers;

/// <summary>A page of providers.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="HasNewer">There is a page before.</param>
/// <param name="HasOlder">There is a page behind.</param>
/// <param name="OrganizationHasAny">False: the organization has no provider, whatever is asked for.</param>
public sealed record ProviderListing(IReadOnlyList<Provider> Items, bool HasNewer, bool HasOlder, bool OrganizationHasAny);
