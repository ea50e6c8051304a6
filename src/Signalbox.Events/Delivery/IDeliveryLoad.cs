namespace Signalbox.Events.Delivery;

/// <summary>How busy deliveries are now.</summary>
public interface IDeliveryLoad
{
    DeliveryLoad Read();
}

/// <summary>How busy deliveries are now.</summary>
/// <param name="InFlight">Requests that run.</param>
/// <param name="Waiting">Deliveries in memory that wait for their turn; more may wait in the table.</param>
/// <param name="WindowsOpen">Requests that the windows of the registrations in use allow at once.</param>
/// <param name="LanesAsleep">Registrations to which nothing is sent before a time: paused, rate-limited or slowed down.</param>
/// <param name="RequestsMax">Requests that the settings allow at once, of all registrations.</param>
public sealed record DeliveryLoad(int InFlight, int Waiting, int WindowsOpen, int LanesAsleep, int RequestsMax);
