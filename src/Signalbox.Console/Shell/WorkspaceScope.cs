using Microsoft.AspNetCore.Components;
using Signalbox.Identity;
using Signalbox.Identity.Workspaces;

namespace Signalbox.WebConsole.Shell;

/// <summary>The workspace that the address names (<c>w/ID/…</c>), else the last one, else the first that there is.</summary>
public sealed class WorkspaceScope(NavigationManager navigation, WorkspaceCatalog catalog)
{
    private WorkspaceEntry? _last;

    /// <summary>Null when the address names one that does not exist, or there is none.</summary>
    public async ValueTask<WorkspaceEntry?> FindAsync(CancellationToken cancellationToken = default)
    {
        if (NamedId(navigation.ToBaseRelativePath(navigation.Uri)) is { } id)
        {
            return _last?.Workspace.WorkspaceId == id ? _last : _last = await catalog.FindAsync(id, cancellationToken) ?? _last;
        }

        return _last ??= (await catalog.ListAsync(null, 1, cancellationToken)).FirstOrDefault();
    }

    /// <summary>The address of a workspace's page, such as <c>registrations</c>.</summary>
    public static string Path(WorkspaceId workspace, string page) => $"w/{workspace}/{page}";

    internal static WorkspaceId? NamedId(string relativePath) =>
        relativePath.Split('?', '#')[0].Split('/') is ["w", { Length: > 0 } id, ..] ? new WorkspaceId(id) : null;
}
