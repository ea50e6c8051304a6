namespace Signalbox.Runtime.Activations;

/// <summary>A page of activations.</summary>
/// <param name="Items">Newest start first.</param>
/// <param name="HasNewer">There may be others before the first.</param>
/// <param name="HasOlder">There may be others behind the last.</param>
/// <param name="SearchedTo">
/// Set when the search for failures (or successes) stopped after a bounded number of records: what is older was not looked at,
/// and the next page begins here.
/// </param>
public sealed record ActivationListing(IReadOnlyList<ActivationSummary> Items, bool HasNewer, bool HasOlder, ActivationCursor? SearchedTo);
