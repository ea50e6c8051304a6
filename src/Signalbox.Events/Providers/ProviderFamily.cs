namespace Signalbox.Events.Providers;

/// <summary>A provider metadata: a family of providers (events behaviour, section 3).</summary>
public sealed record ProviderFamily(string Id, string Group, string Label, string Description, bool HasMultipleProviders)
{
    public const string CustomEvents = "3rd_party_custom_events";

    /// <summary>The families that are known here. Those with one provider only belong to the vendor.</summary>
    public static IReadOnlyList<ProviderFamily> All { get; } =
    [
        new(CustomEvents, "Experience Platform", "3rd Party Custom Events", "A custom events provider, registered by your organization.", true),
        new("acs", "Experience Cloud", "Campaign Standard", "Events of a Campaign Standard instance.", true),
        new("aem", "Experience Cloud", "Experience Manager", "Events of an Experience Manager instance.", true),
        new("asset_compute", "Experience Cloud", "Asset Compute", "Events of an asset processing workspace.", true),
        new("dx_commerce_events", "Experience Cloud", "Commerce Events", "Events of a Commerce instance.", true),
        new("creative_cloud_libraries", "Creative Cloud", "Creative Cloud Libraries", "Events of Creative Cloud libraries.", false),
    ];

    public static ProviderFamily? Find(string id) => All.FirstOrDefault(f => f.Id == id);
}
