using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Notifications;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <summary>
/// Counts attempts and lets them change statuses: after each attempt that finds a registration bad, and by a look at all
/// of them every minute. The rules are those of <see cref="HealthRules"/>.
/// </summary>
/// <remarks>
/// Counts are saved a second after they were made, all in one commit, and when the server stops; a crash may lose that
/// second of them, never a status. A save that fails is tried again with the next; if it took effect all the same, a
/// restart finds its attempts twice.
/// </remarks>
internal sealed partial class HealthMonitor(
    HealthLedger ledger,
    HealthStore counts,
    RegistrationDirectory directory,
    RegistrationStore registrations,
    HealthThresholds thresholds,
    IStatusNotices notices,
    TimeProvider clock,
    ILogger<HealthMonitor> logger) : BackgroundService, IAttemptCounter
{
    private const int DeleteRows = 500;

    private static readonly TimeSpan _saveEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _sweepEvery = TimeSpan.FromMinutes(1);

    /// <summary>Registrations to judge. What finds no place is judged by the next sweep.</summary>
    private readonly Channel<long> _suspects = Channel.CreateBounded<long>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <inheritdoc />
    public void Count(Registration registration, bool isSuccess, DateTimeOffset at)
    {
        // After successes too: the tenth attempt may be the first success of an endpoint that is bad all the same.
        if (thresholds.IsBad(ledger.Add(registration, isSuccess, at)))
        {
            _suspects.Writer.TryWrite(registration.Key);
        }
    }

    /// <summary>Saves what was counted.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        var unsaved = ledger.TakeUnsaved();
        if (unsaved.Count > 0)
        {
            try
            {
                await counts.AddAsync(unsaved, cancellationToken);
            }
            catch
            {
                ledger.PutBack(unsaved);
                throw;
            }
        }
    }

    /// <summary>Judges every registration that had attempts, and every unstable one.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var index = await directory.GetIndexAsync(cancellationToken);
        var unstable = index.Live.Where(r => r.Status == WebhookStatus.Unstable).Select(r => r.Key);
        foreach (var key in ledger.Sweep(now).Union(unstable).ToList())
        {
            await JudgeAsync(key, cancellationToken);
        }

        while (await counts.DeleteAsync(AttemptWindow.StepOf(now - thresholds.Window), DeleteRows, cancellationToken) > 0)
        {
        }
    }

    /// <summary>Changes a registration's status, if its attempts say so.</summary>
    public async Task JudgeAsync(long registrationKey, CancellationToken cancellationToken)
    {
        var known = (await directory.GetIndexAsync(cancellationToken)).Find(registrationKey);
        if (known is null || FindNext(known) is null)
        {
            return;
        }

        AttemptTally judged = default;
        var changed = await directory.ChangeAsync(
            async index =>
            {
                if (index.Find(registrationKey) is not { } current || FindNext(current) is not { } next)
                {
                    return null;
                }

                judged = ledger.Find(current, clock.GetUtcNow());
                var after = HealthRules.Apply(current, next, current.Later(clock.GetUtcNow()));
                var notice = after.Status == WebhookStatus.Verified ? null : Describe(current, after, judged);
                await registrations.UpdateStateAsync(current, after, judged, session =>
                {
                    if (notice is not null)
                    {
                        notices.Add(session, notice);
                    }
                });
                if (next == WebhookStatus.Unstable)
                {
                    ledger.Restart(registrationKey, after.MeasuredSince);
                }

                return after;
            },
            CancellationToken.None);
        if (changed is not null)
        {
            notices.Ring();
            Tell(changed, judged);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await GuardAsync(() => SaveAsync(cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before anything is saved: what this process counted must not be restored on top of itself.
        while (!await GuardAsync(() => RestoreAsync(stoppingToken)))
        {
            await Task.Delay(_saveEvery, clock, stoppingToken);
        }

        await Task.WhenAll(JudgeSuspectsAsync(stoppingToken), KeepTimeAsync(stoppingToken));
    }

    private async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var index = await directory.GetIndexAsync(cancellationToken);
        foreach (var count in await counts.LoadAsync(AttemptWindow.StepOf(clock.GetUtcNow() - thresholds.Window), cancellationToken))
        {
            if (index.Find(count.RegistrationKey) is { } registration && registration.MeasuredSince == count.Since)
            {
                ledger.Restore(registration, count.Step, count.Tally);
            }
        }
    }

    private async Task JudgeSuspectsAsync(CancellationToken cancellationToken)
    {
        await foreach (var key in _suspects.Reader.ReadAllAsync(cancellationToken))
        {
            await GuardAsync(() => JudgeAsync(key, cancellationToken));
        }
    }

    private async Task KeepTimeAsync(CancellationToken cancellationToken)
    {
        var sweptAt = clock.GetUtcNow();
        using var timer = new PeriodicTimer(_saveEvery, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await GuardAsync(() => SaveAsync(cancellationToken));
            var now = clock.GetUtcNow();
            if (now - sweptAt >= _sweepEvery || now < sweptAt)
            {
                sweptAt = now;
                await GuardAsync(() => SweepAsync(cancellationToken));
            }
        }
    }

    private StatusNotice Describe(Registration before, Registration after, AttemptTally judged) => new()
    {
        Registration = after,
        Before = before.Status,
        ChangedAt = after.UpdatedAt,
        Reason = $"{judged.Failures} of its {judged.Attempts} attempts in the last {thresholds.Window.TotalHours:0} hours failed.",
    };

    private WebhookStatus? FindNext(Registration registration)
    {
        var now = clock.GetUtcNow();
        return HealthRules.FindNext(registration, ledger.Find(registration, now), now, thresholds);
    }

    /// <summary>A database that is away for a while must not end the actor. Returns whether the step was done.</summary>
    private async Task<bool> GuardAsync(Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception);
            return false;
        }
    }

    private void Tell(Registration changed, AttemptTally judged)
    {
        var status = RegistrationWords.Of(changed.Status);
        HealthMetrics.StatusChanges.Add(1, new KeyValuePair<string, object?>("status", status));
        Log.Changed(logger, changed.Id, changed.Name, status, judged.Failures, judged.Attempts);
    }

    private static partial class Log
    {
        // The notice's channel warns; this says how many, also where notices are paused.
        [LoggerMessage(1, LogLevel.Information, "Registration {RegistrationId} ({Name}) is {Status} now: {Failures} of its last {Attempts} attempts failed")]
        public static partial void Changed(ILogger logger, RegistrationId registrationId, string name, string status, long failures, long attempts);

        [LoggerMessage(2, LogLevel.Error, "Keeping the registrations' statuses failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
