namespace Signalbox.Events.Delivery;

/// <summary>A delivery whose attempt is over.</summary>
/// <param name="Key">Its row in <c>deliveries</c>.</param>
/// <param name="ReplayId">The replay that owed it then. The row may be of another by now, whom the outcome does not concern.</param>
/// <param name="FirstAttemptAt">When its first attempt started.</param>
/// <param name="Step">What follows.</param>
internal sealed record EndedDelivery(DeliveryKey Key, string? ReplayId, DateTimeOffset FirstAttemptAt, DeliveryStep Step);
