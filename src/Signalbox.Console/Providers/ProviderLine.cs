using Signalbox.Events.Providers;

namespace Signalbox.WebConsole.Providers;

/// <summary>One line of the list of providers.</summary>
public sealed record ProviderLine(string Key, string Id, string Label, string Description, string Family, int Events, bool IsOwn, DateTimeOffset CreatedAt)
{
    internal static ProviderLine Of(Provider provider, bool isOwn) => new(
        ProviderKey.Of(provider).ToString(),
        provider.Id,
        provider.Label,
        provider.Description,
        ProviderFamily.Find(provider.ProviderMetadata)?.Label ?? provider.ProviderMetadata,
        provider.Events.Length,
        isOwn,
        provider.CreatedAt);
}
