using Signalbox.Identity;

namespace Signalbox.Events.Traffic;

/// <summary>What went through a workspace, minute by minute, from counters that are kept while it happens.</summary>
public interface ITraffic
{
    /// <summary>A request that takes longer is slow: well below every timeout, and long for a person who waits.</summary>
    static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(2);

    TrafficHour Find(WorkspaceId workspace);
}
