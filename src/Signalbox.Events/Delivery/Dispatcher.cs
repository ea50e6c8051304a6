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
///                         lane of registration B  ▐▐   ──┼─(3) round-robin──► (4) Deliverer ──► endpoint
///  deliveries ──(2) Accept─►  lane of registration C ▐ ──┘    windows, limit        │
///   (table)  ◄──────────── (6) dry and more there: ring ◄──────── (5) ended ◄───────┘
/// </code>
/// The table is the truth and memory a cache of it: what finds no place in (1) only marks its lane, and
/// <see cref="DueDeliveries"/> reads it back when the lane runs dry.
/// </remarks>
internal sealed partial class Dispatcher : IDeliveryQueue, IHostedService, IDisposable
{
    private readonly IDeliverer _deliverer;
    private readonly IAttemptThreads _threads;
    private readonly DeliveryBell _bell;
    private readonly DeliveryClaim _claim;
    private readonly DeliveryLimits _limits;
    private readonly EventsOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<Dispatcher> _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Lane> _lanes = [];
    private readonly HashSet<DeliveryKey> _held = [];
    private readonly Queue<Lane> _round = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heldBytes;
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
        DeliveryMetrics.Observe(this);
    }

    /// <summary>Attempts that run now.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Deliveries in memory that wait for their turn.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _held.Count - _inFlight;
            }
        }
    }

    /// <inheritdoc />
    public void Offer(AcceptedEvent accepted, IReadOnlyList<Registration> recipients)
    {
        var claimedUntil = _claim.Until;
        lock (_gate)
        {
            foreach (var registration in recipients)
            {
                // 1. What finds no place stays in the table, and its lane knows.
                var lane = LaneOf(registration.Key);
                var delivery = new OwedDelivery { Accepted = accepted, Registration = registration, ClaimedUntil = claimedUntil };
                if (!_held.Contains(delivery.Key) && !TryHold(lane, delivery))
                {
                    lane.HasMore = true;
                }

                Advance(lane);
            }
        }
    }

    /// <summary>Says that the table has due rows of a registration.</summary>
    public void ExpectMore(long registrationKey)
    {
        lock (_gate)
        {
            var lane = LaneOf(registrationKey);
            lane.HasMore = true;
            Advance(lane);
        }
    }

    /// <summary>How many rows to read for a lane that rang, and how many of them may be in memory already.</summary>
    public (int Room, int Held) BeginRefill(long registrationKey)
    {
        lock (_gate)
        {
            var lane = LaneOf(registrationKey);
            lane.HasMore = false;
            var room = _isStopping ? 0 : Math.Min(_limits.RefillRows, HeldMaxOf() - lane.Held);
            return (Math.Max(0, room), lane.Held);
        }
    }

    /// <summary>True when the delivery is neither in memory nor ended since the lane's read began.</summary>
    public bool IsNews(DeliveryKey key)
    {
        lock (_gate)
        {
            return !_held.Contains(key) && !LaneOf(key.RegistrationKey).EndedWhileRefilling.Contains(key.EventSequence);
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
            // 2. Rows that a running attempt has ended meanwhile do not come back.
            var lane = LaneOf(registrationKey);
            lane.IsRefilling = false;
            lane.HasMore |= mayHaveMore || lane.EndedWhileRefilling.Count > 0;
            foreach (var delivery in deliveries)
            {
                if (!_held.Contains(delivery.Key)
                    && !lane.EndedWhileRefilling.Contains(delivery.Key.EventSequence)
                    && !TryHold(lane, delivery))
                {
                    lane.HasMore = true;
                }
            }

            lane.EndedWhileRefilling.Clear();
            Advance(lane);
        }
    }

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

    public void Dispose() => _abandon.Dispose();

    private Lane LaneOf(long registrationKey)
    {
        if (!_lanes.TryGetValue(registrationKey, out var lane))
        {
            lane = new Lane(registrationKey, _options.ConcurrencyPerRegistration);
            _lanes.Add(registrationKey, lane);
        }

        return lane;
    }

    private bool TryHold(Lane lane, OwedDelivery delivery)
    {
        if (_isStopping || lane.Held >= HeldMaxOf())
        {
            return false;
        }

        _held.Add(delivery.Key);
        _heldBytes += delivery.Accepted.Payload.Length;
        lane.Waiting.Enqueue(delivery);
        return true;
    }

    private int HeldMaxOf() =>
        _held.Count >= _limits.HeldMax || _heldBytes >= _limits.HeldBytesMax ? _limits.HeldPerLaneMin : _limits.HeldPerLaneMax;

    /// <summary>Does whatever the change of a lane makes possible. Called with the lock held.</summary>
    private void Advance(Lane lane)
    {
        if (_isStopping)
        {
            return;
        }

        // 3. A lane with nothing in flight has the right of way even when the limit of all is reached; the others
        //    take turns.
        if (lane.InFlight == 0 && lane.CanStart)
        {
            StartNext(lane);
        }

        if (lane.CanStart && !lane.IsInRound)
        {
            lane.IsInRound = true;
            _round.Enqueue(lane);
        }

        while (_inFlight < _options.ConcurrencyMax && _round.TryDequeue(out var next))
        {
            next.IsInRound = false;
            if (next.CanStart)
            {
                StartNext(next);
                next.IsInRound = next.CanStart;
            }

            if (next.IsInRound)
            {
                _round.Enqueue(next);
            }
            else if (next.IsIdle)
            {
                _lanes.Remove(next.RegistrationKey);
            }
        }

        // 6. Dry, and the table may have more.
        if (lane.HasMore && !lane.IsRefilling && lane.Waiting.Count < _limits.RefillBelow && lane.Held < HeldMaxOf())
        {
            lane.IsRefilling = true;
            _bell.RingForLane(lane.RegistrationKey);
        }

        if (lane.IsIdle && !lane.IsInRound)
        {
            _lanes.Remove(lane.RegistrationKey);
        }
    }

    private void StartNext(Lane lane)
    {
        var delivery = lane.Waiting.Dequeue();
        lane.InFlight++;
        _inFlight++;
        _threads.Start(new Attempt(this, lane, delivery));
    }

    private async Task RunAsync(Lane lane, OwedDelivery delivery)
    {
        var isReadAgain = false;
        try
        {
            if (delivery.ClaimedUntil - _clock.GetUtcNow() < DeliveryClaim.Lifetime / 3)
            {
                // It waited so long that another node may soon take it: claim it anew.
                isReadAgain = true;
            }
            else if (await _deliverer.AttemptAsync(delivery, _abandon.Token) is DeliveryStep.RetryAt retry) // 4.
            {
                _bell.RingAt(retry.At);
            }
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // A delivery that breaks must not take its lane with it; its row remains.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Broke(_logger, exception, delivery.Accepted.EventId, delivery.Registration.Id);
            _bell.RingAt(_clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        }

        End(lane, delivery, isReadAgain);
    }

    private void End(Lane lane, OwedDelivery delivery, bool isReadAgain)
    {
        lock (_gate)
        {
            // 5. The place is free.
            _held.Remove(delivery.Key);
            _heldBytes -= delivery.Accepted.Payload.Length;
            _inFlight--;
            lane.InFlight--;
            lane.HasMore |= isReadAgain;
            if (lane.IsRefilling && !isReadAgain)
            {
                lane.EndedWhileRefilling.Add(delivery.Key.EventSequence);
            }

            Advance(lane);
            if (_isStopping && _inFlight == 0)
            {
                _drained.TrySetResult();
            }
        }
    }

    private sealed class Attempt(Dispatcher dispatcher, Lane lane, OwedDelivery delivery) : IThreadPoolWorkItem
    {
        public void Execute() => _ = dispatcher.RunAsync(lane, delivery);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The outcome of delivering event {EventId} to registration {RegistrationId} could not be kept; it is repeated")]
        public static partial void Broke(ILogger logger, Exception exception, Guid eventId, RegistrationId registrationId);

        [LoggerMessage(2, LogLevel.Warning, "Stopping with {Count} deliveries in flight; they are repeated after the next start")]
        public static partial void Abandoned(ILogger logger, int count);
    }
}
