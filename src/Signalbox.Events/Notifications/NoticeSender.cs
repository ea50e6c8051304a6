using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Identity;
using Signalbox.Identity.Projects;
using Signalbox.Identity.Workspaces;

namespace Signalbox.Events.Notifications;

/// <summary>
/// Sends what waits in the outbox: all of an organization's notices that are due go in one message for each channel,
/// and messages keep their distance. What a channel does not take is tried again, later and later, and then given up
/// with a line in the log.
/// </summary>
internal sealed partial class NoticeSender(
    NoticeOutbox outbox, IEnumerable<INoticeChannel> channels, IAlertPauses pauses, WorkspaceLookup workspaces, Bell<NoticeSender> bell,
    NotificationOptions options, EventsOptions events, TimeProvider clock, ILogger<NoticeSender> logger) : BackgroundService
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _longestPause = TimeSpan.FromHours(1);

    private readonly Dictionary<string, INoticeChannel> _channels = channels.ToDictionary(channel => channel.Name);

    /// <summary>Sends what is due now. A mail server that does not answer holds up mails alone.</summary>
    public async Task SendDueAsync(CancellationToken cancellationToken) => await Task.WhenAll(
        (await outbox.ReadDueAsync(clock.GetUtcNow(), cancellationToken))
            .GroupBy(row => row.Channel)
            .Select(ofChannel => SendDueAsync(_channels.GetValueOrDefault(ofChannel.Key), ofChannel, cancellationToken)));

    /// <summary>Tries each channel that is set up, for one organization or for those without addresses of their own.</summary>
    public async Task<IReadOnlyList<NoticeTest>> TestAsync(string organizationId, CancellationToken cancellationToken)
    {
        var results = new List<NoticeTest>();
        foreach (var channel in _channels.Values)
        {
            if (!channel.Reaches(organizationId))
            {
                results.Add(new NoticeTest(channel.Name, null, "not set up"));
                continue;
            }

            try
            {
                var answer = await channel.SendAsync(new NoticeMessage { OrganizationId = organizationId, Changes = [] }, cancellationToken);
                results.Add(new NoticeTest(channel.Name, true, answer));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                results.Add(new NoticeTest(channel.Name, false, exception.Message));
            }
        }

        return results;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _firstPause;
            try
            {
                await SendDueAsync(stoppingToken);
                if (await outbox.FindNextAsync(stoppingToken) is { } next && next - clock.GetUtcNow() < pause)
                {
                    pause = next - clock.GetUtcNow();
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.PassFailed(logger, exception);
            }

            await bell.WaitAsync(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, stoppingToken);
        }
    }

    private async Task SendDueAsync(INoticeChannel? channel, IEnumerable<NoticeRow> ofChannel, CancellationToken cancellationToken)
    {
        foreach (var group in ofChannel.GroupBy(row => row.OrganizationId))
        {
            if (channel?.Reaches(group.Key) == true)
            {
                IReadOnlyList<NoticeRow> due = channel.IsPausable ? await DropPausedAsync(group.Key, [.. group], cancellationToken) : [.. group];
                if (due.Count > 0)
                {
                    await SendAsync(channel, group.Key, due, cancellationToken);
                }
            }
            else
            {
                // The channel was set up when the notice was written, and is not any more.
                await outbox.RemoveAsync([.. group]);
            }
        }
    }

    /// <summary>Takes away what is about projects whose alerts are paused, and returns the rest.</summary>
    private async Task<IReadOnlyList<NoticeRow>> DropPausedAsync(string organization, IReadOnlyList<NoticeRow> due, CancellationToken cancellationToken)
    {
        var paused = await pauses.ListPausedAsync(new OrganizationId(organization), cancellationToken);
        if (paused.Count == 0)
        {
            return due;
        }

        var wanted = due.ToLookup(row => !paused.Contains(new ProjectId(row.Change.ProjectId)));
        await outbox.RemoveAsync([.. wanted[false]]);
        return [.. wanted[true]];
    }

    private async Task SendAsync(INoticeChannel channel, string organization, IReadOnlyList<NoticeRow> due, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (channel.IsPaced && await outbox.FindLastSentAsync(channel.Name, organization, cancellationToken) + options.Interval is { } free && free > now)
        {
            await outbox.PostponeAsync(due, free, countsAsAttempt: false);
            return;
        }

        IReadOnlyList<NoticeRow> rows = [.. due.Take(options.ChangesPerMessageMax)];
        var changes = await DescribeAsync([.. rows.Select(row => row.Change)], cancellationToken);
        try
        {
            await channel.SendAsync(new NoticeMessage { OrganizationId = organization, Changes = changes, MoreCount = due.Count - changes.Count }, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it is, other organizations' notices go on.
            var attempts = rows.Min(row => row.Attempts) + 1;
            if (attempts >= options.AttemptsMax)
            {
                NoticeMetrics.GivenUp.Add(rows.Count, new KeyValuePair<string, object?>("channel", channel.Name));
                Log.GivenUp(logger, channel.Name, rows.Count, organization, attempts, exception.Message);
                await outbox.RemoveAsync(rows);
                return;
            }

            var pause = TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, _firstPause.Ticks << Math.Min(attempts - 1, 10)));
            Log.Failed(logger, channel.Name, rows.Count, organization, pause, exception.Message);
            await outbox.PostponeAsync(rows, clock.GetUtcNow() + pause, countsAsAttempt: true);
            return;
        }

        await outbox.RemoveSentAsync(rows, now);
    }

    /// <summary>Says where the changes can be seen, and what their projects and workspaces are called.</summary>
    private async Task<IReadOnlyList<StatusChange>> DescribeAsync(IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, WorkspaceEntry?>();
        foreach (var id in changes.Select(change => change.WorkspaceId).Distinct())
        {
            entries[id] = await workspaces(new WorkspaceId(id), cancellationToken);
        }

        return [.. changes.Select(change => change with
        {
            RegistrationUrl = ConsolePages.OfRegistration(events.PublicUrl(), change.WorkspaceId, change.RegistrationId),
            ProjectTitle = entries[change.WorkspaceId]?.ProjectTitle,
            WorkspaceName = entries[change.WorkspaceId]?.Workspace.Name,
        })];
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "By {Channel} {Count} notices could not be sent to organization {Organization}; tried again in {Pause}: {Reason}")]
        public static partial void Failed(ILogger logger, string channel, int count, string organization, TimeSpan pause, string reason);

        [LoggerMessage(2, LogLevel.Error, "By {Channel} {Count} notices to organization {Organization} are given up after {Attempts} attempts: {Reason}")]
        public static partial void GivenUp(ILogger logger, string channel, int count, string organization, int attempts, string reason);

        [LoggerMessage(3, LogLevel.Error, "Sending notices failed; the next pass tries again")]
        public static partial void PassFailed(ILogger logger, Exception exception);
    }
}

/// <summary>How a channel answered a test.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Sent">Null: it is not set up.</param>
/// <param name="Detail">Who took it, or why not.</param>
internal sealed record NoticeTest(string Channel, bool? Sent, string Detail);

internal sealed record NoticeTestList(IReadOnlyList<NoticeTest> Channels);
