using Signalbox.Identity.Projects;

namespace Signalbox.WebConsole.Projects;

/// <summary>A project as it is being typed.</summary>
public sealed class ProjectDraft
{
    public string Title { get; set; } = "";

    public string Name { get; set; } = "";

    public string Description { get; set; } = "";

    internal ProjectSettings ToSettings() => new() { Title = Title.Trim(), Name = Name.Trim(), Description = Description.Trim() };
}
