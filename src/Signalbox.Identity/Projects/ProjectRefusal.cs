namespace Signalbox.Identity.Projects;

/// <summary>Why a project, workspace or credential was not made, changed or deleted.</summary>
/// <param name="Message">What was wrong, with which value, and what to do.</param>
public sealed record ProjectRefusal(string Message)
{
    /// <summary>The field that is at fault, such as <c>name</c>; null when none is.</summary>
    public string? Field { get; init; }
}
