using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Replays;

/// <summary>Owes the events of replays again, little by little, and only as long as live traffic leaves room.</summary>
/// <remarks>
/// Every <see cref="_step"/> (<see cref="_held"/> while none can move), and whenever the bell rings, each replay in turn,
/// first the one that waited longest, may owe some more of its events: never more than its rate (<see cref="ReplayPace"/>), all replays of a registration
/// together never more than a share of its window at a time, one while live deliveries of the same registration wait, and
/// nothing while the server is half busy. So live deliveries never stand behind many replayed ones. Retries that wait do
/// not count against the share: a few poisonous events do not stop a replay.
/// </remarks>
internal sealed partial class ReplayRunner(
    IReplayJobs store,
    Bell<ReplayRunner> bell,
    Dispatcher dispatcher,
    IRegistrationDirectory registrations,
    EventsOptions options,
    TimeProvider clock,
    ILogger<ReplayRunner> logger) : BackgroundService
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two looks while no replay can move: all wait for their registrations to be active again.</summary>
    private static readonly TimeSpan _held = TimeSpan.FromSeconds(2);

    /// <summary>Looks at least this often, for replays that another node took up and left.</summary>
    private static readonly TimeSpan _idle = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>How long ended replays are remembered.</summary>
    private static readonly TimeSpan _memory = TimeSpan.FromDays(7);

    /// <summary>Between two looks for ended replays to forget, whether or not others go on.</summary>
    private static readonly TimeSpan _forgetEvery = TimeSpan.FromHours(1);

    /// <summary>One step at a time: of two at once, each would owe the whole share of a window.</summary>
    private readonly SemaphoreSlim _turn = new(1);

    private readonly Dictionary<string, ReplayPace> _paces = [];
    private readonly Uptime _uptime = new(clock);
    private bool _canMove;

    /// <summary>One step of every replay that has not ended. Returns how many there are.</summary>
    public async Task<int> StepAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _canMove = false;
            var active = await store.ListActiveAsync(cancellationToken);
            foreach (var ended in _paces.Keys.Except(active.Select(replay => replay.Id)).ToList())
            {
                _paces.Remove(ended);
            }

            // Who waited longest goes first: one takes all the room that there is for its registration.
            foreach (var replay in active.OrderBy(replay => _paces.TryGetValue(replay.Id, out var pace) ? pace.TakenAt : TimeSpan.MinValue).ToList())
            {
                await StepAsync(replay, cancellationToken);
            }

            return active.Count;
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? forgotAt = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _step;
            try
            {
                pause = await StepAsync(stoppingToken) == 0 ? _idle : _canMove ? _step : _held;
                if (forgotAt is not { } last || clock.GetElapsedTime(last) >= _forgetEvery)
                {
                    await store.DeleteEndedAsync(_memory, stoppingToken);
                    forgotAt = clock.GetTimestamp();
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

            if (registration is not null)
            {
                // In order, others may have waited for what is withdrawn.
                dispatcher.ExpectMore(registration);
            }

            await store.EndAsync(replay.Id, ReplayState.Cancelled, cancellationToken);
            Log.Cancelled(logger, replay.Id);
        }
        else if (replay.IsExhausted)
        {
            _canMove |= registration.IsPushing;
            if (replay.Outstanding == 0)
            {
                await store.EndAsync(replay.Id, ReplayState.Done, cancellationToken);
                Log.Done(logger, replay.Id, replay.Delivered, replay.Failed);
            }
        }
        else if (registration.IsPushing)
        {
            _canMove = true;
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

        if (!_paces.TryGetValue(replay.Id, out var pace))
        {
            _paces.Add(replay.Id, pace = new ReplayPace(options.ReplayEventsPerSecond, _step));
        }

        var limit = Math.Min(room - await store.CountDueAsync(registration.Key, cancellationToken), pace.FindShare(_uptime.Now));
        if (limit <= 0)
        {
            return;
        }

        pace.Take(limit, _uptime.Now);

        // A commit that failed may have taken effect all the same: an ordered lane must not go past what it owes then.
        var mayOweMore = true;
        try
        {
            mayOweMore = await store.AdvanceAsync(replay, limit, cancellationToken) > 0;
        }
        finally
        {
            if (mayOweMore)
            {
                dispatcher.ExpectMore(registration);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Replay {ReplayId} is done: {Delivered} events delivered, {Failed} failed")]
        public static partial void Done(ILogger logger, string replayId, long delivered, long failed);

        [LoggerMessage(2, LogLevel.Error, "Replaying events failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Information, "Replay {ReplayId} is cancelled; what it owed and was not delivered are dead letters")]
        public static partial void Cancelled(ILogger logger, string replayId);
    }
}
