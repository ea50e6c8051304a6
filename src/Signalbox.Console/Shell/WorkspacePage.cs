using Microsoft.AspNetCore.Components;
using Signalbox.Identity;
using Signalbox.Identity.Workspaces;
using Signalbox.WebConsole.Components;

namespace Signalbox.WebConsole.Shell;

/// <summary>
/// A page of one workspace, at <c>/w/{WorkspaceId}/…</c>. It reads its workspace, then calls <see cref="LoadAsync"/>,
/// again at each change of the address. A workspace that does not exist is the 404 page.
/// </summary>
public abstract class WorkspacePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _closed = new();

    protected WorkspacePage() => Closed = _closed.Token;

    /// <summary>From the address.</summary>
    [Parameter]
    public string WorkspaceId { get; set; } = "";

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private WorkspaceCatalog Catalog { get; set; } = null!;

    /// <summary>Kept from the first rendering to the interactive one, so that what stands above the page does not blink.</summary>
    [PersistentState]
    public WorkspaceEntry? KeptWorkspace { get; set; }

    /// <summary>Set before <see cref="LoadAsync"/> runs; the markup may use it only when <see cref="IsLoaded"/>.</summary>
    protected WorkspaceEntry Workspace => KeptWorkspace!;

    protected bool IsLoaded { get; private set; }

    /// <summary>Cancelled when the user leaves the page.</summary>
    protected CancellationToken Closed { get; }

    /// <summary>The pages above one that stands directly in the workspace.</summary>
    protected IReadOnlyList<Crumb> Trail =>
        KeptWorkspace is null ? [] : [new Crumb($"{Workspace.ProjectTitle} / {Workspace.Workspace.Name}", PathTo("overview"))];

    protected override async Task OnParametersSetAsync()
    {
        if (KeptWorkspace?.Workspace.WorkspaceId.Value != WorkspaceId)
        {
            KeptWorkspace = await Catalog.FindAsync(new WorkspaceId(WorkspaceId), Closed);
            if (KeptWorkspace is null)
            {
                Navigation.NotFound();
                return;
            }
        }

        await LoadAsync(Closed);
        IsLoaded = true;
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    /// <summary>The address of a page of this workspace.</summary>
    protected string PathTo(string page) => WorkspaceScope.Path(new WorkspaceId(WorkspaceId), page);

    /// <summary>The present address with other values in its query.</summary>
    protected string Query(Dictionary<string, object?> values) => Navigation.GetUriWithQueryParameters(values);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closed.Cancel();
            _closed.Dispose();
        }
    }
}
