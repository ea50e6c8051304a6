namespace Signalbox.Events.Delivery;

/// <summary>What the dispatcher may hold in memory; everything else waits in the table.</summary>
internal sealed record DeliveryLimits
{
    /// <summary>Deliveries of one registration.</summary>
    public int HeldPerLaneMax { get; init; } = 128;

    /// <summary>Deliveries of one registration with batch delivery: enough to fill the batches of a wide window.</summary>
    public int HeldPerBatchLaneMax { get; init; } = 1_024;

    /// <summary>A registration may hold this many although the limits of all together are reached, so that none is shut out.</summary>
    public int HeldPerLaneMin { get; init; } = 4;

    /// <summary>Deliveries of all registrations together.</summary>
    public int HeldMax { get; init; } = 8_192;

    /// <summary>Payload bytes of all held deliveries together.</summary>
    public long HeldBytesMax { get; init; } = 32L << 20;

    /// <summary>Bytes of one request with several events to an action (<see cref="Registrations.IRuntimeHandlers.BatchBytesMax"/>).</summary>
    public int ActionBatchBytesMax { get; init; } = Parcel.BytesMax;

    /// <summary>A lane with fewer waiting deliveries is read again, if the table has more for it.</summary>
    public int RefillBelow { get; init; } = 16;

    /// <summary>Rows read at once for one lane.</summary>
    public int RefillRows { get; init; } = 64;

    /// <summary>Rows read at once for one lane with batch delivery.</summary>
    public int RefillRowsOfBatchLane { get; init; } = 512;

    /// <summary>What a lane has learned of its endpoint is forgotten when it was not used for this time.</summary>
    public TimeSpan LaneLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a stopping server waits for the attempts that run.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(10);
}
