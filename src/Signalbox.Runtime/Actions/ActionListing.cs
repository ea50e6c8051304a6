namespace Signalbox.Runtime.Actions;

/// <summary>A page of actions, and whether there are others before and behind it.</summary>
/// <param name="Items">By package and name; the default package first.</param>
public sealed record ActionListing(IReadOnlyList<ActionSummary> Items, bool HasBefore, bool HasAfter);
