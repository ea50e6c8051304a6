using Signalbox.Storage;

namespace Signalbox.Events.Notifications;

/// <summary>The outbox of notices to administrators: written with the change that they tell, sent afterwards.</summary>
public interface IStatusNotices
{
    /// <summary>
    /// Adds a notice to the commit that changes the status, so that it is sent if and only if the change lasts. It may
    /// be run again with its operation. Does nothing when there is nobody to tell; waits for nothing.
    /// </summary>
    void Add(WriteSession session, StatusNotice notice);

    /// <summary>Says, after the commit, that there is something to send.</summary>
    void Ring();
}
