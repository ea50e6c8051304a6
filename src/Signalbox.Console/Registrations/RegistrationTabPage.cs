using Microsoft.AspNetCore.Components;
using Signalbox.Events.Registrations;
using Signalbox.WebConsole.Shell;

namespace Signalbox.WebConsole.Registrations;

/// <summary>A tab of a registration's page, at <c>/w/{WorkspaceId}/registrations/{RegistrationId}/…</c>; its markup stands in a <c>RegistrationFrame</c>.</summary>
public abstract class RegistrationTabPage : WorkspacePage
{
    /// <summary>From the address.</summary>
    [Parameter]
    public string RegistrationId { get; set; } = "";

    [Inject]
    private IRegistrations Registrations { get; set; } = null!;

    /// <summary>As it was read last; null while it is read, and when there is none.</summary>
    protected Registration? Registration { get; private set; }

    protected sealed override async Task LoadAsync(CancellationToken cancellationToken)
    {
        Registration = (await ReadAsync(() => Registrations.FindAsync(RegistrationId, Workspace.Workspace, cancellationToken))).Value;
        if (Registration is null)
        {
            Navigation.NotFound();
            return;
        }

        await LoadTabAsync(Registration, cancellationToken);
    }

    /// <summary>Reads what the tab shows.</summary>
    protected abstract Task LoadTabAsync(Registration registration, CancellationToken cancellationToken);

    /// <summary>Reads the registration and the tab again, after a change or by the clock.</summary>
    protected async Task RefreshAsync()
    {
        await LoadAsync(Closed);
        StateHasChanged();
    }

    /// <summary>The address of a tab; empty for the details.</summary>
    protected string TabPath(string tab) => PathTo($"registrations/{RegistrationId}{(tab.Length > 0 ? "/" + tab : "")}");
}
