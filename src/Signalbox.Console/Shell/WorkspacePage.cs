using System.Runtime.CompilerServices;
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
    /// <summary>What most readings take: some lines of a list, one entity.</summary>
    private const int ReadingBytes = 16 << 10;

    private readonly CancellationTokenSource _closed = new();

    protected WorkspacePage() => Closed = _closed.Token;

    /// <summary>From the address.</summary>
    [Parameter]
    public string WorkspaceId { get; set; } = "";

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private WorkspaceCatalog Catalog { get; set; } = null!;

    /// <summary>Of the first rendering; null once the interactive one has used them.</summary>
    [PersistentState]
    public PageReadings? Readings { get; set; }

    /// <summary>Null until it has been read.</summary>
    protected WorkspaceEntry? FoundWorkspace { get; private set; }

    /// <summary>Set before <see cref="LoadAsync"/> runs; the markup may use it only when <see cref="IsLoaded"/>.</summary>
    protected WorkspaceEntry Workspace => FoundWorkspace!;

    protected bool IsLoaded { get; private set; }

    /// <summary>Cancelled when the user leaves the page.</summary>
    protected CancellationToken Closed { get; }

    /// <summary>The pages above one that stands directly in the workspace.</summary>
    protected IReadOnlyList<Crumb> Trail =>
        FoundWorkspace is null ? [] : [new Crumb($"{Workspace.ProjectTitle} / {Workspace.Workspace.Name}", PathTo("overview"))];

    // Without scheme and host, which a proxy may change between the server and the browser.
    private string Address => Navigation.ToBaseRelativePath(Navigation.Uri).Split('#')[0];

    protected override async Task OnParametersSetAsync()
    {
        if (!RendererInfo.IsInteractive)
        {
            Readings ??= new PageReadings { Address = Address };
        }
        else if (Readings?.Address != Address)
        {
            // The user went on before this page became interactive.
            Readings = null;
        }

        if (FoundWorkspace?.Workspace.WorkspaceId.Value != WorkspaceId)
        {
            FoundWorkspace = await ReadAsync(() => Catalog.FindAsync(new WorkspaceId(WorkspaceId), Closed));
            if (FoundWorkspace is null)
            {
                Navigation.NotFound();
                return;
            }
        }

        await LoadAsync(Closed);
        IsLoaded = true;
        if (RendererInfo.IsInteractive)
        {
            Readings = null;
        }
    }

    /// <summary>Reads what the page shows, by <see cref="ReadAsync"/>.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    /// <summary>Reads; the first loading of an interactive page gets what its first rendering read.</summary>
    /// <param name="read">The reading.</param>
    /// <param name="weigh">The memory that its result takes, in bytes, where that can be much.</param>
    /// <param name="reading">Its text, which names it.</param>
    protected async ValueTask<T> ReadAsync<T>(
        Func<ValueTask<T>> read, Func<T, long>? weigh = null, [CallerArgumentExpression(nameof(read))] string reading = "")
    {
        if (RendererInfo.IsInteractive)
        {
            return Readings is not null && Readings.TryTake(reading, out T kept) ? kept : await read();
        }

        var result = await read();
        Readings?.Keep(reading, result, ReadingBytes + (weigh?.Invoke(result) ?? 0));
        return result;
    }

    /// <inheritdoc cref="ReadAsync{T}(Func{ValueTask{T}}, Func{T, long}?, string)"/>
    protected ValueTask<T> ReadAsync<T>(
        Func<Task<T>> read, Func<T, long>? weigh = null, [CallerArgumentExpression(nameof(read))] string reading = "") =>
        ReadAsync(() => new ValueTask<T>(read()), weigh, reading);

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
