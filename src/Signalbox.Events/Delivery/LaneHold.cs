namespace Signalbox.Events.Delivery;

/// <summary>Why a registration's next request does not start yet.</summary>
/// <param name="Reason">The one that lasts longest.</param>
/// <param name="Until">When it is over.</param>
internal sealed record LaneHold(HoldReason Reason, DateTimeOffset Until);
