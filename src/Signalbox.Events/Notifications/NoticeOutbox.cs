using System.Text.Json;
using Signalbox.Events.Registrations;
using Signalbox.Storage;

namespace Signalbox.Events.Notifications;

/// <summary>The table <c>notices</c>: one row for each notice and channel, until that channel took it.</summary>
internal sealed class NoticeOutbox(NoticeChannels channels, NoticeBell bell, NotificationOptions options) : IStatusNotices
{
    /// <inheritdoc />
    public void Add(WriteSession session, StatusNotice notice)
    {
        var id = Guid.NewGuid().ToString("D");
        var change = StatusChange.Of(notice);
        var document = JsonSerializer.Serialize(change, EventsJson.Default.StatusChange);
        var waiting = session.ScalarPrepared<long>("SELECT COUNT(*) FROM notices");
        foreach (var channel in channels.For(notice.Registration.OrganizationId))
        {
            if (waiting++ >= options.WaitingMax && channel != NoticeChannels.Log)
            {
                continue;
            }

            session.ExecutePrepared(
                """
                INSERT INTO notices (notice_id, channel, organization_id, document, created_at, next_attempt_at)
                VALUES (@id, @channel, @organization, @document, @now, @now)
                """,
                ("id", id), ("channel", channel), ("organization", notice.Registration.OrganizationId.Value),
                ("document", document), ("now", notice.ChangedAt.ToUnixTimeMilliseconds()));
        }
    }

    /// <inheritdoc />
    public void Ring() => bell.Ring();
}
