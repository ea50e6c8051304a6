namespace Signalbox.WebConsole.AddEvent;

/// <summary>A provider that was chosen.</summary>
public sealed record DraftProvider(string Id, string Label);
