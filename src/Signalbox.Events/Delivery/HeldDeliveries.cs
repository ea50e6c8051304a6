namespace Signalbox.Events.Delivery;

/// <summary>
/// What the lanes hold in memory, waiting and under way, within <see cref="DeliveryLimits"/>. Guarded by the dispatcher's
/// lock.
/// </summary>
internal sealed class HeldDeliveries(DeliveryLimits limits)
{
    private readonly HashSet<DeliveryKey> _keys = [];
    private long _bytes;

    public bool Contains(DeliveryKey key) => _keys.Contains(key);

    /// <summary>A lane with fewer waiting deliveries is read again.</summary>
    public int RefillBelow(Lane lane) => lane.IsBatch ? limits.HeldPerBatchLaneMax / 2 : limits.RefillBelow;

    /// <summary>Rows that one read for a lane may bring.</summary>
    public int RefillRows(Lane lane) => Math.Min(RoomOf(lane), lane.IsBatch ? limits.RefillRowsOfBatchLane : limits.RefillRows);

    /// <summary>Puts a delivery into its lane; false when there is no room for it, so that it waits in the table.</summary>
    public bool TryHold(Lane lane, OwedDelivery delivery, TimeSpan now)
    {
        if (RoomOf(lane) == 0)
        {
            return false;
        }

        _keys.Add(delivery.Key);
        _bytes += delivery.Accepted.Payload.Length;
        lane.Enqueue(delivery, now);
        return true;
    }

    /// <summary>Leaves what waits, and what a read under way brings, to the table.</summary>
    public void Release(Lane lane)
    {
        Remove(lane.ReleaseWaiting());
        lane.Refill.Discard();
    }

    /// <summary>Forgets deliveries that have left their lane.</summary>
    public void Remove(IReadOnlyList<OwedDelivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            _keys.Remove(delivery.Key);
            _bytes -= delivery.Accepted.Payload.Length;
        }
    }

    /// <summary>
    /// How many more a lane may hold. When the limits of all together are reached, a few for each lane, so that none is
    /// shut out; when the bytes are, one.
    /// </summary>
    private int RoomOf(Lane lane) => Math.Max(0, MaxOf(lane) - lane.Held);

    private int MaxOf(Lane lane) =>
        _bytes >= limits.HeldBytesMax ? 1
        : _keys.Count >= limits.HeldMax ? limits.HeldPerLaneMin
        : lane.IsBatch ? limits.HeldPerBatchLaneMax
        : limits.HeldPerLaneMax;
}
