using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <summary>How a registration stands, and how it came there.</summary>
public interface IRegistrationHealth
{
    Task<RegistrationHealth> FindAsync(Registration registration, CancellationToken cancellationToken);
}
