using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Replays;

/// <summary>Owes the events of replays again, little by little, and only as long as live traffic leaves room.</summary>
/// <remarks>
/// Every <see cref="_step"/> each replay in turn may owe some more of its events: never more than its rate, all replays of
/// a registration together never more than a share of its window at a time, and nothing while deliveries of the same
/// registration wait or the server is half busy. So a replayed delivery never stands in a long queue before a live one. Retries that wait do
/// not count against the share: a few poisonous events do not stop a replay.
/// </remarks>
internal sealed partial class ReplayRunner(
    IReplayJobs store,
    ReplayBell bell,
    Dispatcher dispatcher,
    IRegistrationDirectory registrations,
    EventsOptions options,
    ILogger<ReplayRunner> logger) : BackgroundService
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(200);

    /// <summary>Looks at least this often, for replays that another node took up and left.</summary>
    private static readonly TimeSpan _idle = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>How long ended replays are remembered.</summary>
    private static readonly TimeSpan _memory = TimeSpan.FromDays(7);

    /// <summary>One step of every replay that has not ended. Returns how many there are.</summary>
    public async Task<int> StepAsync(CancellationToken cancellationToken)
    {
        var active = await store.ListActiveAsync(cancellationToken);
        foreach (var replay in active)
        {
            await StepAsync(replay, cancellationToken);
        }

        return active.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _step;
            try
            {
                if (await StepAsync(stoppingToken) == 0)
                {
                    await store.DeleteEndedAsync(_memory, stoppingToken);
                    pause = _idle;
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
                pause = _pauseAfterFailure;
            }

            await bell.WaitAsync(pause, stoppingToken);
        }
    }

    private async Task StepAsync(Replay replay, CancellationToken cancellationToken)
    {
        var registration = await registrations.FindAsync(replay.RegistrationKey, cancellationToken);
        if (replay.State == ReplayState.Cancelling || registration is null or { DeletedAt: not null })
        {
            while (!await store.WithdrawAsync(replay, cancellationToken))
            {
            }

            await store.EndAsync(replay.Id, ReplayState.Cancelled, cancellationToken);
            Log.Ended(logger, replay.Id, "cancelled", replay.Delivered, replay.Failed);
        }
        else if (replay.IsExhausted)
        {
            if (replay.Outstanding == 0)
            {
                await store.EndAsync(replay.Id, ReplayState.Done, cancellationToken);
                Log.Ended(logger, replay.Id, "done", replay.Delivered, replay.Failed);
            }
        }
        else if (registration.IsPushing)
        {
            await FeedAsync(replay, registration, cancellationToken);
        }
    }

    private async Task FeedAsync(Replay replay, Registration registration, CancellationToken cancellationToken)
    {
        var room = dispatcher.FindRoomForReplay(registration);
        if (room <= 0)
        {
            return;
        }

        var perStep = Math.Max(1, (int)(options.ReplayEventsPerSecond * _step.TotalSeconds));
        var limit = Math.Min(room - await store.CountDueAsync(registration.Key, cancellationToken), perStep);
        if (limit > 0 && await store.AdvanceAsync(replay, limit, cancellationToken) > 0)
        {
            dispatcher.ExpectMore(registration);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Replay {ReplayId} is {State}: {Delivered} events delivered, {Failed} failed")]
        public static partial void Ended(ILogger logger, string replayId, string state, long delivered, long failed);

        [LoggerMessage(2, LogLevel.Error, "Replaying events failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
