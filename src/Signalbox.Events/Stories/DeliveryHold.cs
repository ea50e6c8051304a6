using Signalbox.Events.Delivery;

namespace Signalbox.Events.Stories;

/// <summary>Why an owed delivery is not attempted, although it may be due.</summary>
/// <param name="Reason">What it waits for.</param>
/// <param name="Until">When that is over; null when nobody knows.</param>
/// <param name="Behind">The event that goes first; null when it waits for none.</param>
internal sealed record DeliveryHold(HoldReason Reason, DateTimeOffset? Until, BeforeRow? Behind = null);
