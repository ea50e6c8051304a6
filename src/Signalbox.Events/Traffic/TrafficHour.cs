namespace Signalbox.Events.Traffic;

/// <summary>The last 60 minutes of a workspace.</summary>
/// <param name="Minutes">60 of them, oldest first; the last one runs now.</param>
/// <param name="IsComplete">False when what was counted before the last start could not be read: the figures begin with that start.</param>
public sealed record TrafficHour(IReadOnlyList<TrafficMinute> Minutes, bool IsComplete)
{
    public const int Length = 60;

    /// <summary>All of it together, begun with the first minute.</summary>
    public TrafficMinute Total => Minutes.Aggregate((sum, minute) => sum.Plus(minute));
}
