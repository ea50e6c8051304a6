namespace Signalbox.Events.Delivery;

/// <summary>Counts what the dispatcher holds in memory, against <see cref="DeliveryLimits"/>. Guarded by its lock.</summary>
internal sealed class HeldDeliveries(DeliveryLimits limits)
{
    private readonly HashSet<DeliveryKey> _keys = [];
    private long _bytes;

    public int Count => _keys.Count;

    public bool Contains(DeliveryKey key) => _keys.Contains(key);

    /// <summary>
    /// How many more a lane may hold. When the limits of all together are reached, a few for each lane, so that none is
    /// shut out; when the bytes are, one.
    /// </summary>
    public int RoomOf(Lane lane) => Math.Max(0, MaxOf(lane) - lane.Held);

    /// <summary>A lane with fewer waiting deliveries is read again.</summary>
    public int RefillBelow(Lane lane) => lane.IsBatch ? limits.HeldPerBatchLaneMax / 2 : limits.RefillBelow;

    /// <summary>Rows that one read for a lane may bring.</summary>
    public int RefillRows(Lane lane) => Math.Min(RoomOf(lane), lane.IsBatch ? limits.RefillRowsOfBatchLane : limits.RefillRows);

    public void Add(OwedDelivery delivery)
    {
        _keys.Add(delivery.Key);
        _bytes += delivery.Accepted.Payload.Length;
    }

    public void Remove(IReadOnlyList<OwedDelivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            _keys.Remove(delivery.Key);
            _bytes -= delivery.Accepted.Payload.Length;
        }
    }

    private int MaxOf(Lane lane) =>
        _bytes >= limits.HeldBytesMax ? 1
        : _keys.Count >= limits.HeldMax ? limits.HeldPerLaneMin
        : lane.IsBatch ? limits.HeldPerBatchLaneMax
        : limits.HeldPerLaneMax;
}
