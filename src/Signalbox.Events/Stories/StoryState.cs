namespace Signalbox.Events.Stories;

/// <summary>Where a delivery stands.</summary>
public static class StoryState
{
    /// <summary>The endpoint took it.</summary>
    public const string Delivered = "delivered";

    /// <summary>It is in turn or under way.</summary>
    public const string Due = "due";

    /// <summary>The next attempt has a time.</summary>
    public const string Scheduled = "scheduled";

    /// <summary>Its registration is not delivered to for a while, or it comes after another event.</summary>
    public const string Waiting = "waiting";

    /// <summary>It ended without success.</summary>
    public const string Ended = "ended";

    /// <summary>It is only kept for readers of the journal.</summary>
    public const string Journaled = "journaled";
}
