using System.Collections.Concurrent;

namespace Signalbox.Events.Delivery;

/// <summary>
/// Wakes <see cref="DueDeliveries"/>: for a lane that ran dry, and at the time when a retry is due. Each lane
/// rings at most once until it was answered, so the bell holds no more than there are lanes.
/// </summary>
internal sealed class DeliveryBell(TimeProvider clock) : IDisposable
{
    private readonly ConcurrentQueue<long> _dryLanes = new();
    private readonly SemaphoreSlim _rung = new(0);
    private readonly Lock _gate = new();
    private DateTimeOffset _lookAt = DateTimeOffset.MinValue;

    public bool TryTakeDryLane(out long registrationKey) => _dryLanes.TryDequeue(out registrationKey);

    public void RingForLane(long registrationKey)
    {
        _dryLanes.Enqueue(registrationKey);
        _rung.Release();
    }

    /// <summary>Asks for a look into the table at that time, or earlier.</summary>
    public void RingAt(DateTimeOffset at)
    {
        lock (_gate)
        {
            if (at >= _lookAt)
            {
                return;
            }

            _lookAt = at;
        }

        _rung.Release();
    }

    /// <summary>True when a look is due; the next one is then <paramref name="atLatest"/> away until somebody rings.</summary>
    public bool TakeLook(TimeSpan atLatest)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (now < _lookAt)
            {
                return false;
            }

            _lookAt = now + atLatest;
            return true;
        }
    }

    /// <summary>Returns when somebody rang or the next look is due.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rung = _rung.WaitAsync(end.Token);
        try
        {
            var pause = PauseLeft();
            var alarm = Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, clock, end.Token);

            // The clock may have jumped between reading it and setting the alarm.
            if (PauseLeft() > TimeSpan.Zero)
            {
                await Task.WhenAny(rung, alarm);
            }
        }
        finally
        {
            await end.CancelAsync();
            await rung.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        while (_rung.Wait(TimeSpan.Zero, CancellationToken.None))
        {
        }
    }

    public void Dispose() => _rung.Dispose();

    private TimeSpan PauseLeft()
    {
        lock (_gate)
        {
            return _lookAt - clock.GetUtcNow();
        }
    }
}
