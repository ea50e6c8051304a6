using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Delivery;

/// <summary>
/// Decides what is attempted next. One lane for each registration, each with a window of its own, so that a slow or
/// dead endpoint holds up nobody else.
/// </summary>
/// <remarks>
/// <code>
///  commit ──(1) Offer────►  Lane of registration A  ▐▐▐▐ ──┐
///                           Lane of registration B  ▐▐   ──┼─(3) RequestStarter ──► (4) AttemptRunner ──► endpoint
///  deliveries ─(2) EndRefill─► Lane of registration C ▐  ──┘ turns, windows, pace          │
///   (table) ◄──── DueDeliveries ◄──── (6) dry and more there: ring ◄──── (5) End ◄─────────┘
/// </code>
/// The table is the truth and memory a cache of it: what finds no place in (1) only marks its lane, and
/// <see cref="DueDeliveries"/> reads it back when the lane runs dry. An ordered lane takes nothing in (1): the table
/// alone knows the order. This class holds the one lock under which the parts above change.
/// </remarks>
internal sealed partial class Dispatcher : IDeliveryQueue, IHostedService, IDisposable
{
    /// <summary>How long a stop waits for commits, which cannot be called off: a database that went away would hold it up.</summary>
    private static readonly TimeSpan _commitTime = TimeSpan.FromSeconds(10);

    private readonly DeliveryBell _bell;
    private readonly DeliveryLimits _limits;
    private readonly EventsOptions _options;
    private readonly DeliveryClaim _claim;
    private readonly TimeProvider _clock;
    private readonly ILogger<Dispatcher> _logger;
    private readonly Lock _gate = new();
    private readonly Uptime _uptime;
    private readonly HeldDeliveries _held;
    private readonly Lanes _lanes;
    private readonly LaneAlarm _alarm;
    private readonly RequestStarter _starter;
    private readonly AttemptRunner _runner;

    /// <summary>The newest event that was read from the table for a lane that takes offers: an ordered one reads every event at once.</summary>
    private long _newestRead;

    public Dispatcher(
        IDeliverer deliverer,
        IAttemptThreads threads,
        DeliveryBell bell,
        DeliveryClaim claim,
        DeliveryLimits limits,
        EventsOptions options,
        TimeProvider clock,
        ILogger<Dispatcher> logger)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ConcurrencyPerRegistration);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ConcurrencyMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limits.HeldPerLaneMin);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limits.RefillRows);
        (_bell, _claim, _limits, _options, _clock, _logger) = (bell, claim, limits, options, clock, logger);
        _uptime = new Uptime(clock);
        _held = new HeldDeliveries(limits);
        _lanes = new Lanes(_held, options.ConcurrencyPerRegistration, limits.ActionBatchBytesMax, _uptime);
        _alarm = new LaneAlarm(clock, _uptime, Wake);
        _runner = new AttemptRunner(deliverer, threads, End, clock, logger);
        _starter = new RequestStarter(_lanes, _held, _alarm, bell, options.ConcurrencyMax, _uptime, _runner.Start);
        DeliveryMetrics.Observe(this);
    }

    /// <summary>Requests that run now.</summary>
    public int InFlight => Read(() => _starter.InFlight);

    /// <summary>Deliveries in memory that wait for their turn.</summary>
    public int Waiting => Read(() => _lanes.All.Sum(lane => lane.WaitingCount));

    /// <summary>Lanes that start nothing before a time: paused, rate-limited or slowed down.</summary>
    public int LanesAsleep => Read(() => _alarm.Count);

    /// <summary>The requests that the windows of all lanes allow.</summary>
    public int WindowsOpen => Read(() => _lanes.All.Sum(lane => lane.Window.Size));

    /// <inheritdoc />
    public void Offer(AcceptedEvent accepted, IReadOnlyList<Registration> recipients)
    {
        var claimedUntil = _claim.Until;
        lock (_gate)
        {
            foreach (var registration in recipients)
            {
                // 1. What finds no place stays in the table, and its lane knows. So does what is newer than rows that
                //    wait there already or are being read: under a lasting load they would never have their turn.
                var lane = _lanes.Of(registration);
                var delivery = new OwedDelivery { Accepted = accepted, Registration = registration, ClaimedUntil = claimedUntil };
                if (accepted.Sequence <= _newestRead)
                {
                    // The offer came late: the table may have brought it and even forgotten it.
                    lane.Refill.ExpectAnywhere();
                }
                else if (lane.IsOrdered || (!_held.Contains(delivery.Key) && (!lane.Refill.IsIdle || !TryHold(lane, delivery))))
                {
                    lane.Refill.Expect();
                }

                _starter.Advance(lane);
            }
        }
    }

    /// <summary>How many deliveries of replays may be due at once for a registration.</summary>
    public int FindRoomForReplay(Registration registration) =>
        Read(() => ReplayRoom.Find(registration, _lanes.Find(registration.Key), _starter.InFlight, _options));

    /// <summary>What keeps a registration's next request from starting; null when nothing does, or this process knows of nothing.</summary>
    public LaneHold? FindHold(Registration registration)
    {
        lock (_gate)
        {
            var now = _uptime.Now;
            return _lanes.Find(registration.Key)?.FindHold(now) is { } hold
                ? new LaneHold(hold.Reason, _clock.GetUtcNow() + (hold.Until - now))
                : null;
        }
    }

    /// <summary>True while an attempt of the delivery runs in this process.</summary>
    public bool IsUnderWay(DeliveryKey key)
    {
        lock (_gate)
        {
            return _held.Contains(key) && _lanes.Find(key.RegistrationKey)?.HasWaiting(key) != true;
        }
    }

    /// <summary>Says that the table has due rows of a registration, which may be of earlier events than those in memory.</summary>
    public void ExpectMore(Registration registration)
    {
        lock (_gate)
        {
            var lane = _lanes.Of(registration);
            if (lane.IsOrdered)
            {
                _held.Release(lane);
            }

            lane.ExpectAnywhere(_uptime.Now);
            _starter.Advance(lane);
        }
    }

    /// <summary>Follows a change of a registration: whatever has not started yet is sent by its new settings.</summary>
    public void Follow(Registration registration)
    {
        lock (_gate)
        {
            if (_lanes.Find(registration.Key) is not null)
            {
                _starter.Advance(_lanes.Of(registration));
            }
        }
    }

    /// <summary>Before a restart its endpoint asked not to be called until then.</summary>
    public void Pause(Registration registration, DateTimeOffset until)
    {
        lock (_gate)
        {
            _lanes.Of(registration).Pace.PauseAsAsked(until - _clock.GetUtcNow(), _uptime.Now);
        }
    }

    /// <summary>What to read for a lane that rang.</summary>
    public RefillStart BeginRefill(Registration registration)
    {
        lock (_gate)
        {
            var lane = _lanes.Of(registration);
            lane.Refill.Begin();
            return new RefillStart(_starter.IsStopped ? 0 : _held.RefillRows(lane), lane.Held, lane.Refill.After);
        }
    }

    /// <summary>True when the delivery is neither in memory nor ended since the lane's read began.</summary>
    public bool IsNews(DeliveryKey key)
    {
        lock (_gate)
        {
            return !_held.Contains(key) && _lanes.Find(key.RegistrationKey)?.Refill.HasEnded(key.EventSequence) != true;
        }
    }

    /// <summary>Takes what was read for a lane that rang.</summary>
    /// <param name="registrationKey">The lane.</param>
    /// <param name="deliveries">What was read.</param>
    /// <param name="mayHaveMore">The table may have more than was read.</param>
    /// <param name="after">Where the next read goes on; null: at the first due row.</param>
    public void EndRefill(long registrationKey, IReadOnlyList<OwedDelivery> deliveries, bool mayHaveMore, DuePlace? after)
    {
        lock (_gate)
        {
            if (_lanes.Find(registrationKey) is not { } lane)
            {
                return;
            }

            // 2. Rows that a running attempt has ended meanwhile do not come back.
            if (!lane.IsOrdered)
            {
                _newestRead = deliveries.Aggregate(_newestRead, (newest, delivery) => Math.Max(newest, delivery.Accepted.Sequence));
            }

            var news = deliveries.Where(delivery => lane.Refill.Takes(delivery.Key.EventSequence) && !_held.Contains(delivery.Key));
            var areHeld = news.ToList().TrueForAll(delivery => TryHold(lane, delivery));
            lane.Refill.End(mayHaveMore || !areHeld, areHeld ? after : null);
            _starter.Advance(lane);
        }
    }

    /// <summary>Forgets what was learned of endpoints that were not called for long. Returns how many lanes are left.</summary>
    public int ForgetIdleLanes() => Read(() => _lanes.ForgetIdle(_limits.LaneLifetime));

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Starts nothing new, waits for what runs, then abandons it: the rows remain, so it is repeated.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _starter.Stop();
        }

        try
        {
            await _starter.Drained.WaitAsync(_limits.DrainTime, _clock, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Log.Abandoned(_logger, InFlight);
        }

        await _runner.AbandonAsync();
        try
        {
            await _starter.Drained.WaitAsync(_commitTime);
        }
        catch (TimeoutException)
        {
            Log.Unkept(_logger, InFlight);
        }
    }

    public void Dispose()
    {
        _alarm.Dispose();
        _runner.Dispose();
    }

    private int Read(Func<int> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private bool TryHold(Lane lane, OwedDelivery delivery) => !_starter.IsStopped && _held.TryHold(lane, delivery, _uptime.Now);

    private void Wake()
    {
        lock (_gate)
        {
            foreach (var lane in _alarm.TakeDue())
            {
                _starter.Advance(lane);
            }
        }
    }

    private void End(StartedAttempt attempt, AttemptEnd end)
    {
        if (end.RetryIn is { } retryIn)
        {
            _bell.RingAt(end.At + retryIn);
        }

        lock (_gate)
        {
            // 5. The place is free.
            _held.Remove(attempt.Parcel.Deliveries);
            if (attempt.Lane.End(attempt, end, _uptime.Now))
            {
                _held.Release(attempt.Lane);
            }

            _starter.Free();
            _starter.Advance(attempt.Lane); // 6.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "Stopping with {Count} deliveries in flight; they are repeated after the next start")]
        public static partial void Abandoned(ILogger logger, int count);

        [LoggerMessage(3, LogLevel.Warning, "Stopping although the database has not taken the outcomes of {Count} deliveries; they are repeated after the next start")]
        public static partial void Unkept(ILogger logger, int count);
    }
}
