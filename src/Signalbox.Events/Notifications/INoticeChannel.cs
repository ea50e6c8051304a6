namespace Signalbox.Events.Notifications;

/// <summary>One way to administrators.</summary>
internal interface INoticeChannel
{
    /// <summary>As the table names it.</summary>
    string Name { get; }

    /// <summary>Messages of one organization keep <see cref="NotificationOptions.Interval"/> from each other.</summary>
    bool IsPaced { get; }

    /// <summary>It tells nothing of projects whose email alerts are paused.</summary>
    bool IsPausable { get; }

    /// <summary>Whether an organization is reached this way.</summary>
    bool Reaches(string organizationId);

    /// <summary>Sends a message; returns in a few words who took it.</summary>
    /// <exception cref="NoticeFailedException">It was not taken.</exception>
    Task<string> SendAsync(NoticeMessage message, CancellationToken cancellationToken);
}
