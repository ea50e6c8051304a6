namespace Signalbox.Events.Delivery;

/// <summary>
/// Time as it passes, whatever the time of day is set to. Lanes are paced by it, so that a clock that jumps neither
/// holds an endpoint back for hours nor floods it. The table's times are times of day, because they outlive the process.
/// </summary>
internal sealed class Uptime(TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();

    /// <summary>Since the process began to deliver.</summary>
    public TimeSpan Now => clock.GetElapsedTime(_start);
}
