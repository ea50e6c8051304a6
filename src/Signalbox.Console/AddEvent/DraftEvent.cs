namespace Signalbox.WebConsole.AddEvent;

/// <summary>An event type that was chosen.</summary>
public sealed record DraftEvent(string ProviderId, string ProviderLabel, string Code, string Label);
