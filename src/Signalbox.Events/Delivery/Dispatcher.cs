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
///  commit ──(1) Offer──►  lane of registration A  ▐▐▐▐ ──┐
///                         lane of registration B  ▐▐   ──┼─(3) turns ───────► (4) Deliverer ──► endpoint
///  deliveries ──(2) EndRefill─►  lane of registration C ▐ ──┘ windows, limit       │
///   (table)  ◄──────────── (6) dry and more there: ring ◄──────── (5) ended ◄──────┘
/// </code>
/// The table is the truth and memory a cache of it: what finds no place in (1) only marks its lane, and
/// <see cref="DueDeliveries"/> reads it back when the lane runs dry. An ordered lane takes nothing in (1): the table
/// alone knows the order.
/// </remarks>
internal sealed partial class Dispatcher : IDeliveryQueue, IHostedService, IDisposable
{
    /// <summary>What waits for longer than this waits in the table.</summary>
    private static readonly TimeSpan _heldPauseMax = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _pauseAfterBreak = TimeSpan.FromMinutes(1);

    /// <summary>A lane whose outcome could not be kept rests, or its endpoint would get the same event again and again.</summary>
    private static readonly TimeSpan _restAfterBreak = TimeSpan.FromSeconds(5);

    private readonly IDeliverer _deliverer;
    private readonly IAttemptThreads _threads;
    private readonly DeliveryBell _bell;
    private readonly DeliveryLimits _limits;
    private readonly EventsOptions _options;
    private readonly DeliveryClaim _claim;
    private readonly TimeProvider _clock;
    private readonly ILogger<Dispatcher> _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Lane> _lanes = [];
    private readonly HeldDeliveries _held;
    private readonly Turns _turns = new();
    private readonly LaneAlarm _alarm;
    private readonly CancellationTokenSource _abandon = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inFlight;
    private bool _isStopping;

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
        (_deliverer, _threads, _bell, _claim) = (deliverer, threads, bell, claim);
        (_limits, _options, _clock, _logger) = (limits, options, clock, logger);
        _held = new HeldDeliveries(limits);
        _alarm = new LaneAlarm(clock, Wake);
        DeliveryMetrics.Observe(this);
    }

    /// <summary>Requests that run now.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Deliveries in memory that wait for their turn.</summary>
    public int Waiting => Read(() => _lanes.Values.Sum(lane => lane.WaitingCount));

    /// <summary>Lanes that start nothing before a time: paused, rate-limited or slowed down.</summary>
    public int LanesAsleep => Read(() => _alarm.Count);

    /// <summary>The requests that the windows of all lanes allow.</summary>
    public int WindowsOpen => Read(() => _lanes.Values.Sum(lane => lane.Window.Size));

    /// <inheritdoc />
    public void Offer(AcceptedEvent accepted, IReadOnlyList<Registration> recipients)
    {
        var claimedUntil = _claim.Until;
        lock (_gate)
        {
            foreach (var registration in recipients)
            {
                // 1. What finds no place stays in the table, and its lane knows. So does what is newer than rows that
                //    wait there already: under a lasting load they would never have their turn.
                var lane = LaneOf(registration);
                var delivery = new OwedDelivery { Accepted = accepted, Registration = registration, ClaimedUntil = claimedUntil };
                if (lane.IsOrdered || (!_held.Contains(delivery.Key) && (lane.HasMore || !TryHold(lane, delivery))))
                {
                    lane.HasMore = true;
                }

                Advance(lane);
            }
        }
    }

    /// <summary>
    /// How many deliveries of replays may be due at once for a registration: a share of its window; none while others of
    /// its deliveries wait, or while half of the places of all registrations are taken.
    /// </summary>
    public int FindRoomForReplay(Registration registration, int windowPercent) => Read(() =>
    {
        if (_inFlight >= Math.Max(1, _options.ConcurrencyMax / 2))
        {
            return 0;
        }

        var window = _options.ConcurrencyPerRegistration;
        if (_lanes.TryGetValue(registration.Key, out var lane))
        {
            if (lane.WaitingCount > 0 || lane.HasMore || lane.IsRefilling)
            {
                return 0;
            }

            window = lane.Window.Size;
        }

        // A request of a batch carries many.
        return Math.Max(1, window * windowPercent / 100) * (registration.DeliveryType == DeliveryType.WebhookBatch ? Parcel.EventsMax : 1);
    });

    /// <summary>Says that the table has due rows of a registration.</summary>
    public void ExpectMore(Registration registration)
    {
        lock (_gate)
        {
            var lane = LaneOf(registration);
            lane.HasMore = true;
            Advance(lane);
        }
    }

    /// <summary>How many rows to read for a lane that rang, and how many of them may be in memory already.</summary>
    public (int Room, int Held) BeginRefill(Registration registration)
    {
        lock (_gate)
        {
            var lane = LaneOf(registration);
            lane.IsRefilling = true;
            lane.HasMore = false;
            return (_isStopping ? 0 : _held.RefillRows(lane), lane.Held);
        }
    }

    /// <summary>True when the delivery is neither in memory nor ended since the lane's read began.</summary>
    public bool IsNews(DeliveryKey key)
    {
        lock (_gate)
        {
            return !_held.Contains(key)
                && !(_lanes.TryGetValue(key.RegistrationKey, out var lane) && lane.EndedWhileRefilling.Contains(key.EventSequence));
        }
    }

    /// <summary>Takes what was read for a lane that rang.</summary>
    /// <param name="registrationKey">The lane.</param>
    /// <param name="deliveries">What was read.</param>
    /// <param name="mayHaveMore">The table may have more than was read.</param>
    public void EndRefill(long registrationKey, IReadOnlyList<OwedDelivery> deliveries, bool mayHaveMore)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(registrationKey, out var lane))
            {
                return;
            }

            // 2. Rows that a running attempt has ended meanwhile do not come back.
            lane.IsRefilling = false;
            lane.HasMore |= mayHaveMore || lane.EndedWhileRefilling.Count > 0 || lane.DiscardsRefill;
            foreach (var delivery in lane.DiscardsRefill ? [] : deliveries)
            {
                if (!_held.Contains(delivery.Key)
                    && !lane.EndedWhileRefilling.Contains(delivery.Key.EventSequence)
                    && !TryHold(lane, delivery))
                {
                    lane.HasMore = true;
                    break;
                }
            }

            lane.EndedWhileRefilling.Clear();
            lane.DiscardsRefill = false;
            Advance(lane);
        }
    }

    /// <summary>Forgets what was learned of endpoints that were not called for long. Returns how many lanes are left.</summary>
    public int ForgetIdleLanes() => Read(() =>
    {
        var now = _clock.GetUtcNow();
        var before = now - _limits.LaneLifetime;
        foreach (var lane in _lanes.Values.Where(lane => lane.IsIdle && lane.UsedAt < before && lane.PausedUntil <= now).ToList())
        {
            _lanes.Remove(lane.RegistrationKey);
        }

        return _lanes.Count;
    });

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Starts nothing new, waits for what runs, then abandons it: the rows remain, so it is repeated.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isStopping = true;
            if (_inFlight == 0)
            {
                _drained.TrySetResult();
            }
        }

        try
        {
            await _drained.Task.WaitAsync(_limits.DrainTime, _clock, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Log.Abandoned(_logger, InFlight);
        }

        await _abandon.CancelAsync();
        await _drained.Task;
    }

    public void Dispose()
    {
        _alarm.Dispose();
        _abandon.Dispose();
    }

    private int Read(Func<int> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private Lane LaneOf(Registration registration)
    {
        if (!_lanes.TryGetValue(registration.Key, out var lane))
        {
            lane = new Lane(registration, _options.ConcurrencyPerRegistration) { UsedAt = _clock.GetUtcNow() };
            _lanes.Add(registration.Key, lane);
        }
        else if (lane.Configure(registration))
        {
            Release(lane);
        }

        return lane;
    }

    private bool TryHold(Lane lane, OwedDelivery delivery)
    {
        if (_isStopping || _held.RoomOf(lane) == 0)
        {
            return false;
        }

        _held.Add(delivery);
        lane.Enqueue(delivery, _clock.GetUtcNow());
        return true;
    }

    /// <summary>Leaves what waits, and what a read under way brings, to the table.</summary>
    private void Release(Lane lane)
    {
        _held.Remove(lane.ReleaseWaiting());
        lane.DiscardsRefill |= lane.IsRefilling;
    }

    private void Wake()
    {
        lock (_gate)
        {
            foreach (var lane in _alarm.TakeDue())
            {
                Advance(lane);
            }
        }
    }

    /// <summary>Does whatever the change of a lane makes possible. Called with the lock held.</summary>
    private void Advance(Lane lane)
    {
        if (_isStopping)
        {
            return;
        }

        // 3. A lane with nothing in flight has the right of way even when the limit of all is reached; the others
        //    take turns.
        var now = _clock.GetUtcNow();
        if (lane.InFlight == 0 && CanStart(lane, now))
        {
            StartNext(lane, now);
        }

        if (!lane.IsInRound && CanStart(lane, now))
        {
            lane.IsInRound = true;
            _turns.Enqueue(lane);
        }

        while (_inFlight < _options.ConcurrencyMax && _turns.TryDequeue(out var next))
        {
            if (CanStart(next, now))
            {
                StartNext(next, now);
            }

            next.IsInRound = CanStart(next, now);
            if (next.IsInRound)
            {
                _turns.Enqueue(next);
            }
            else if (next != lane)
            {
                Settle(next, now);
            }
        }

        Settle(lane, now);
    }

    /// <summary>Reads a dry lane again when the table may have more, and forgets one that has nothing left.</summary>
    private void Settle(Lane lane, DateTimeOffset now)
    {
        if (lane.HasMore && !lane.IsRefilling && lane.WaitingCount < _held.RefillBelow(lane) && _held.RefillRows(lane) > 0)
        {
            if (lane.PausedUntil > now)
            {
                _alarm.Set(lane, lane.PausedUntil);
            }
            else
            {
                // 6.
                lane.IsRefilling = true;
                _bell.RingForLane(lane.RegistrationKey);
            }
        }

        if (lane.IsIdle && lane.IsFresh)
        {
            _lanes.Remove(lane.RegistrationKey);
        }
    }

    private bool CanStart(Lane lane, DateTimeOffset now)
    {
        if (!lane.HasPlace)
        {
            return false;
        }

        var readyAt = lane.ReadyAt();
        if (readyAt <= now)
        {
            return true;
        }

        _alarm.Set(lane, readyAt);
        return false;
    }

    private void StartNext(Lane lane, DateTimeOffset now)
    {
        var parcel = lane.StartNext(now);
        _inFlight++;
        _threads.Start(new Attempt(this, lane, parcel));
    }

    private async Task RunAsync(Lane lane, Parcel parcel)
    {
        AttemptReport? report = null;
        var isRead = true;
        try
        {
            if (parcel.Deliveries.Any(delivery => delivery.ClaimedUntil - _clock.GetUtcNow() < DeliveryClaim.Lifetime / 3))
            {
                // It waited so long that another node may soon take it: claim it anew.
                isRead = false;
            }
            else
            {
                report = await _deliverer.AttemptAsync(parcel, _abandon.Token); // 4.
            }
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // A delivery that breaks must not take its lane with it; its row remains.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Broke(_logger, exception, parcel.Deliveries.Count, parcel.Registration.Id);
        }

        End(lane, parcel, report, isRead);
    }

    private void End(Lane lane, Parcel parcel, AttemptReport? report, bool isRead)
    {
        DateTimeOffset? retryAt = report?.Steps.OfType<DeliveryStep.RetryAt>().Select(step => (DateTimeOffset?)step.At).Min();
        if (isRead && report is null)
        {
            retryAt = _clock.GetUtcNow() + _pauseAfterBreak;
        }

        if (retryAt is { } at)
        {
            _bell.RingAt(at);
        }

        lock (_gate)
        {
            // 5. The place is free.
            var now = _clock.GetUtcNow();
            _held.Remove(parcel.Deliveries);
            _inFlight--;
            lane.End(parcel);
            lane.HasMore |= !isRead;
            if (report is not null)
            {
                lane.Learn(report, now);
            }

            if (isRead && report is null)
            {
                lane.HasMore = true;
                lane.PauseUntil(now + _restAfterBreak, now);
            }

            if (lane.IsOrdered && (retryAt is not null || !isRead))
            {
                // What comes behind waits for it, and is read again in order.
                Release(lane);
                lane.PauseUntil(retryAt ?? now, now);
            }
            else if (lane.PausedUntil > now + _heldPauseMax)
            {
                Release(lane);
            }

            if (lane.IsRefilling && isRead)
            {
                lane.EndedWhileRefilling.UnionWith(parcel.Deliveries.Select(delivery => delivery.Key.EventSequence));
            }

            Advance(lane);
            if (_isStopping && _inFlight == 0)
            {
                _drained.TrySetResult();
            }
        }
    }

    private sealed class Attempt(Dispatcher dispatcher, Lane lane, Parcel parcel) : IThreadPoolWorkItem
    {
        public void Execute() => _ = dispatcher.RunAsync(lane, parcel);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The outcome of delivering {Count} event(s) to registration {RegistrationId} could not be kept; it is repeated")]
        public static partial void Broke(ILogger logger, Exception exception, int count, RegistrationId registrationId);

        [LoggerMessage(2, LogLevel.Warning, "Stopping with {Count} deliveries in flight; they are repeated after the next start")]
        public static partial void Abandoned(ILogger logger, int count);
    }
}
