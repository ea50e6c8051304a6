namespace Signalbox.Events.Registrations;

/// <summary>Registrations as the hot paths need them: from memory, always as of the last committed change.</summary>
public interface IRegistrationDirectory
{
    /// <summary>Told what a registration is now, after each committed change, in their order. Handlers are quick and cannot fail.</summary>
    event Action<Registration>? Changed;

    /// <summary>By key, deleted ones included while their retries run; null when it is gone.</summary>
    ValueTask<Registration?> FindAsync(long registrationKey, CancellationToken cancellationToken);

    /// <summary>By public id, not deleted; null when unknown.</summary>
    ValueTask<Registration?> FindAsync(RegistrationId id, CancellationToken cancellationToken);
}
