namespace Signalbox.Events.Replays;

/// <summary>Where a replay stands.</summary>
public enum ReplayState
{
    /// <summary><c>running</c>: events are still to be owed again, or their deliveries run.</summary>
    Running,

    /// <summary><c>cancelling</c>: what it owes is being withdrawn.</summary>
    Cancelling,

    /// <summary><c>done</c>: every delivery that it owed has ended.</summary>
    Done,

    /// <summary><c>cancelled</c>.</summary>
    Cancelled,
}
