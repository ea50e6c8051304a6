using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>
/// Registrations of a workspace, for whoever speaks for its user: the REST endpoints and the console. All rules
/// hold here; who may call is the caller's matter.
/// </summary>
public interface IRegistrations
{
    /// <summary>A page of a workspace's live registrations, newest first.</summary>
    ValueTask<RegistrationListing> ListAsync(Workspace workspace, RegistrationQuery query, CancellationToken cancellationToken);

    ValueTask<Outcome<Registration>> FindAsync(string id, Workspace workspace, CancellationToken cancellationToken);

    Task<Outcome<Registration>> CreateAsync(Workspace workspace, RegistrationBody body, CancellationToken cancellationToken);

    /// <summary>Edits a registration, unless somebody changed it since it was seen (412); the challenge is asked again.</summary>
    /// <param name="workspace">Whose it is.</param>
    /// <param name="seen">As the editor saw it.</param>
    /// <param name="body">What it shall be.</param>
    /// <param name="cancellationToken">Gives up before the change is made.</param>
    Task<Outcome<Registration>> UpdateAsync(Workspace workspace, Registration seen, RegistrationBody body, CancellationToken cancellationToken);

    Task DeleteAsync(Registration registration);
}
