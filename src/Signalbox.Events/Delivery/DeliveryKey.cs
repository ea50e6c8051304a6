namespace Signalbox.Events.Delivery;

/// <summary>Names a row of <c>deliveries</c>.</summary>
internal readonly record struct DeliveryKey(long RegistrationKey, long EventSequence);
