namespace Signalbox.Events.Delivery;

/// <inheritdoc cref="IDeliveryLoad" />
internal sealed class CurrentDeliveryLoad(Dispatcher dispatcher, EventsOptions options) : IDeliveryLoad
{
    public DeliveryLoad Read() => new(dispatcher.InFlight, dispatcher.Waiting, dispatcher.WindowsOpen, dispatcher.LanesAsleep, options.ConcurrencyMax);
}
