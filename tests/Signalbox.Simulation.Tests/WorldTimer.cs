namespace Signalbox.Simulation.Tests;

/// <summary>Something that happens at a time of the world.</summary>
internal sealed class WorldTimer(Action fire)
{
    public Host? Host { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>Of the last setting; 0 when it is not set.</summary>
    public long Number { get; set; }

    public Action Fire { get; } = fire;
}
