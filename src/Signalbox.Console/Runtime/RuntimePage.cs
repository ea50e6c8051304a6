using Microsoft.AspNetCore.Components;
using Signalbox.Identity;
using Signalbox.WebConsole.Components;
using Signalbox.WebConsole.Shell;

namespace Signalbox.WebConsole.Runtime;

/// <summary>A page of a workspace's Runtime namespace. When the workspace has none, <see cref="Namespace"/> stays null.</summary>
public abstract class RuntimePage : WorkspacePage
{
    [Inject]
    private IdentityDirectory Identity { get; set; } = null!;

    /// <summary>Null: the workspace has no Runtime yet; the page shows <c>NoRuntime</c>.</summary>
    protected NamespaceIdentity? Namespace { get; private set; }

    protected sealed override async Task LoadAsync(CancellationToken cancellationToken)
    {
        Namespace = await ReadAsync(() => Identity.FindNamespaceAsync(Workspace.Workspace.WorkspaceId, cancellationToken));
        if (Namespace is not null)
        {
            await LoadAsync(Namespace, cancellationToken);
        }
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync(NamespaceIdentity @namespace, CancellationToken cancellationToken);

    /// <summary>The pages above one that stands below a list.</summary>
    protected IReadOnlyList<Crumb> TrailBelow(string title, string page) => FoundWorkspace is null ? [] : [.. Trail, new Crumb(title, PathTo(page))];

    /// <summary>The address of an action's page.</summary>
    protected string PathToAction(string title, string? tab = null) =>
        PathTo("actions/" + string.Join('/', title.Split('/').Select(Uri.EscapeDataString))) + (tab is null ? "" : $"?tab={tab}");

    protected string PathToActivation(string id) => PathTo($"activations/{id}");
}
