namespace Signalbox.WebConsole.Providers;

/// <summary>A provider as it is being typed.</summary>
public sealed class ProviderDraft
{
    public string Label { get; set; } = "";

    public string Description { get; set; } = "";

    public string DocsUrl { get; set; } = "";

    public string Family { get; set; } = Signalbox.Events.Providers.ProviderFamily.CustomEvents;

    public string InstanceId { get; set; } = "";
}
