namespace Signalbox.WebConsole.Components;

/// <summary>A page above the one that is shown.</summary>
public sealed record Crumb(string Title, string Href);
