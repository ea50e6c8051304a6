using System.Globalization;

namespace Signalbox.Events.Providers;

/// <summary>A provider's place in the list, newest first; written <c>MILLISECONDS.ID</c> in addresses.</summary>
public readonly record struct ProviderKey(long CreatedMs, string Id) : IComparable<ProviderKey>
{
    public static ProviderKey Of(Provider provider) => new(provider.CreatedAt.ToUnixTimeMilliseconds(), provider.Id);

    /// <summary>Null for a text that is no key, so that an old or mangled link shows the first page.</summary>
    public static ProviderKey? Parse(string? text) =>
        text?.Split('.') is [var created, { Length: > 0 } id] && long.TryParse(created, CultureInfo.InvariantCulture, out var milliseconds)
            ? new ProviderKey(milliseconds, id)
            : null;

    public int CompareTo(ProviderKey other) =>
        CreatedMs != other.CreatedMs ? CreatedMs.CompareTo(other.CreatedMs) : string.CompareOrdinal(Id, other.Id);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedMs}.{Id}");
}
