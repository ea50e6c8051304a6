using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Logging;
using Signalbox.Storage;

namespace Signalbox.Events.Notifications;

/// <summary>The table <c>notices</c>: one row for each notice and channel, until that channel took it.</summary>
internal sealed partial class NoticeOutbox(
    Database database, IEnumerable<INoticeChannel> channels, Bell<NoticeSender> bell, NotificationOptions options, ILogger<NoticeOutbox> logger) : IStatusNotices
{
    private const int ReadMax = 1_000;

    /// <inheritdoc />
    public void Add(WriteSession session, StatusNotice notice)
    {
        var id = Guid.NewGuid().ToString("D");
        var organization = notice.Registration.OrganizationId.Value;
        var document = JsonSerializer.Serialize(StatusChange.Of(notice), EventsJson.Default.StatusChange);
        var isFull = session.ScalarPrepared<long>("SELECT COUNT(*) FROM notices") >= options.WaitingMax;
        foreach (var channel in channels.Where(channel => channel.Reaches(organization)))
        {
            if (isFull)
            {
                Log.Full(logger, options.WaitingMax, channel.Name, document);
                continue;
            }

            session.ExecutePrepared(
                """
                INSERT INTO notices (notice_id, channel, organization_id, document, created_at, next_attempt_at)
                VALUES (@id, @channel, @organization, @document, @createdAt, @dueAt)
                """,
                ("id", id), ("channel", channel.Name), ("organization", organization), ("document", document),
                ("createdAt", notice.ChangedAt.ToUnixTimeMilliseconds()), ("dueAt", notice.ChangedAt.ToUnixTimeMilliseconds()));
        }
    }

    /// <inheritdoc />
    public void Ring() => bell.Ring();

    /// <summary>The notices that are due, oldest first.</summary>
    public async Task<IReadOnlyList<NoticeRow>> ReadDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<NoticeRow>(new CommandDefinition(
            """
            SELECT notice_id AS NoticeId, channel AS Channel, organization_id AS OrganizationId, document AS Document, attempts AS Attempts
            FROM notices WHERE next_attempt_at <= @now ORDER BY next_attempt_at, created_at LIMIT @max
            """,
            new { now = now.ToUnixTimeMilliseconds(), max = ReadMax },
            cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>When the next notice is due; null when none waits.</summary>
    public async Task<DateTimeOffset?> FindNextAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var next = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT MIN(next_attempt_at) FROM notices", cancellationToken: cancellationToken));
        return next is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }

    /// <summary>When an organization last got a message by a channel.</summary>
    public async Task<DateTimeOffset?> FindLastSentAsync(string channel, string organization, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var sent = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT sent_at FROM notice_messages WHERE channel = @channel AND organization_id = @organization",
            new { channel, organization }, cancellationToken: cancellationToken));
        return sent is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }

    public Task RemoveSentAsync(IReadOnlyList<NoticeRow> sent, DateTimeOffset now) => database.WriteAsync(session =>
    {
        Remove(session, sent);
        session.Execute(
            """
            INSERT INTO notice_messages (organization_id, channel, sent_at) VALUES (@OrganizationId, @Channel, @now)
            ON CONFLICT (organization_id, channel) DO UPDATE SET sent_at = excluded.sent_at
            """,
            new { sent[0].OrganizationId, sent[0].Channel, now = now.ToUnixTimeMilliseconds() });
    });

    public Task RemoveAsync(IReadOnlyList<NoticeRow> rows) => database.WriteAsync(session => Remove(session, rows));

    public Task PostponeAsync(IReadOnlyList<NoticeRow> rows, DateTimeOffset until, bool countsAsAttempt) => database.WriteAsync(session =>
    {
        foreach (var row in rows)
        {
            session.ExecutePrepared(
                "UPDATE notices SET next_attempt_at = @until, attempts = attempts + @more WHERE notice_id = @id AND channel = @channel",
                ("until", until.ToUnixTimeMilliseconds()), ("more", countsAsAttempt ? 1 : 0), ("id", row.NoticeId), ("channel", row.Channel));
        }
    });

    private static void Remove(WriteSession session, IReadOnlyList<NoticeRow> rows)
    {
        foreach (var row in rows)
        {
            session.ExecutePrepared("DELETE FROM notices WHERE notice_id = @id AND channel = @channel", ("id", row.NoticeId), ("channel", row.Channel));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Max} notices wait already, so {Channel} is not told: {Document}")]
        public static partial void Full(ILogger logger, int max, string channel, string document);
    }
}

/// <summary>A notice that waits for a channel.</summary>
internal sealed record NoticeRow
{
    public string NoticeId { get; init; } = "";

    public string Channel { get; init; } = "";

    public string OrganizationId { get; init; } = "";

    public string Document { get; init; } = "";

    public int Attempts { get; init; }

    /// <summary>What the notice tells.</summary>
    public StatusChange Change => JsonSerializer.Deserialize(Document, EventsJson.Default.StatusChange)!;
}
