namespace Signalbox.WebConsole.Projects;

/// <summary>A thing of the workspace, and the page that shows it.</summary>
public sealed record OverviewLink(string Title, string Page);
