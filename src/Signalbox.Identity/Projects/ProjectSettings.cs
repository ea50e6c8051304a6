namespace Signalbox.Identity.Projects;

/// <summary>What a user says about a project.</summary>
public sealed record ProjectSettings
{
    /// <inheritdoc cref="Project.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="Project.Title"/>
    public required string Title { get; init; }

    /// <summary>At most <see cref="NameRules.DescriptionLengthMax"/> characters; may be empty.</summary>
    public string Description { get; init; } = "";

    internal ProjectRefusal? Check() =>
        NameRules.CheckProjectTitle(Title) ?? NameRules.CheckProjectName(Name) ?? NameRules.CheckDescription(Description);
}
