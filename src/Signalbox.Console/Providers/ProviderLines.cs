namespace Signalbox.WebConsole.Providers;

/// <summary>A page of the list of providers.</summary>
public sealed record ProviderLines(IReadOnlyList<ProviderLine> Items, bool HasNewer, bool HasOlder, bool OrganizationHasAny);
