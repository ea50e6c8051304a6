using MudBlazor;
using Signalbox.Identity.Users;

namespace Signalbox.WebConsole.Shell;

/// <summary>A page that the rail and the palette lead to. A new page is one line of <see cref="All"/>.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Path">Below the console; <c>{w}</c> stands for the workspace's id.</param>
/// <param name="Icon">Beside the title.</param>
/// <param name="Key">Pressed after <c>g</c>, goes there.</param>
/// <param name="Group">The heading that it stands under; null: none.</param>
public sealed record Destination(string Title, string Path, string Icon, char Key, string? Group = null)
{
    /// <summary>Shown to whoever has at least this role.</summary>
    public UserRole Needs { get; init; } = UserRole.Viewer;

    public static IReadOnlyList<Destination> All { get; } =
    [
        new("Home", "", Icons.Material.Outlined.Home, 'h'),
        new("Projects", "projects", Icons.Material.Outlined.Folder, 'p'),
        new("Overview", "w/{w}/overview", Icons.Material.Outlined.SpaceDashboard, 'o', "Workspace"),
        new("Credentials", "w/{w}/credentials", Icons.Material.Outlined.VpnKey, 'c', "Workspace"),
        new("Registrations", "w/{w}/registrations", Icons.Material.Outlined.Sensors, 'r', "Events"),
        new("Providers", "w/{w}/providers", Icons.Material.Outlined.CellTower, 'v', "Events"),
        new("Publish", "w/{w}/publish", Icons.Material.Outlined.Send, 'e', "Events"),
        new("Actions", "w/{w}/actions", Icons.Material.Outlined.Code, 'a', "Runtime"),
        new("Activations", "w/{w}/activations", Icons.Material.Outlined.PlayCircle, 'i', "Runtime"),
        new("Limits and usage", "w/{w}/usage", Icons.Material.Outlined.DataUsage, 'm', "Runtime"),
        new("Operations", "operations", Icons.Material.Outlined.Speed, 's', "Server") { Needs = UserRole.SystemAdministrator },
        new("Users", "users", Icons.Material.Outlined.Group, 'u', "Server") { Needs = UserRole.SystemAdministrator },
        new("Audit log", "audit", Icons.Material.Outlined.Checklist, 'l', "Server") { Needs = UserRole.SystemAdministrator },
    ];

    /// <summary>The address in a workspace; null when it needs one and there is none.</summary>
    public string? PathIn(string? workspaceId) =>
        !Path.Contains("{w}", StringComparison.Ordinal) ? (Path.Length == 0 ? "./" : Path)
        : workspaceId is null ? null
        : Path.Replace("{w}", workspaceId, StringComparison.Ordinal);
}
