namespace Signalbox.Identity.Users;

/// <summary>The words for <see cref="UserRole"/>: in the database and in claims, and for people.</summary>
public static class UserRoles
{
    public static string Word(this UserRole role) => role switch
    {
        UserRole.SystemAdministrator => "system_administrator",
        UserRole.Developer => "developer",
        _ => "viewer",
    };

    public static string Title(this UserRole role) => role switch
    {
        UserRole.SystemAdministrator => "System Administrator",
        UserRole.Developer => "Developer",
        _ => "Viewer",
    };

    /// <summary>The role of a word; null for an unknown one.</summary>
    public static UserRole? Parse(string? word) => word switch
    {
        "system_administrator" => UserRole.SystemAdministrator,
        "developer" => UserRole.Developer,
        "viewer" => UserRole.Viewer,
        _ => null,
    };
}
