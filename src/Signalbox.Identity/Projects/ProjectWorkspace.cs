namespace Signalbox.Identity.Projects;

/// <summary>A workspace as its project shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">1 to 20 letters and digits, unique in the project.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record ProjectWorkspace(WorkspaceId Id, string Name, DateTimeOffset CreatedAt);
