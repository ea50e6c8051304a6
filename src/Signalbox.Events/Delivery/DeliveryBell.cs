using System.Collections.Concurrent;

namespace Signalbox.Events.Delivery;

/// <summary>
/// Wakes <see cref="DueDeliveries"/>: for a lane that ran dry, and at the time when a retry is due. Each lane
/// rings at most once until it was answered, so the bell holds no more than there are lanes.
/// </summary>
internal sealed class DeliveryBell(TimeProvider clock)
{
    private readonly ConcurrentQueue<long> _dryLanes = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _wake;
    private bool _isRung;
    private DateTimeOffset _lookAt = DateTimeOffset.MinValue;

    public bool TryTakeDryLane(out long registrationKey) => _dryLanes.TryDequeue(out registrationKey);

    public void RingForLane(long registrationKey)
    {
        _dryLanes.Enqueue(registrationKey);
        Ring();
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

        Ring();
    }

    /// <summary>
    /// True when a look is due; the next one is then <paramref name="atLatest"/> away until somebody rings. It is due, too,
    /// when it seems further away than that: then the clock was set back.
    /// </summary>
    public bool TakeLook(TimeSpan atLatest)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (now < _lookAt && _lookAt - now <= atLatest)
            {
                return false;
            }

            _lookAt = now + atLatest;
            return true;
        }
    }

    /// <summary>Returns when somebody rang since the last return, or the next look is due.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isRung)
            {
                wake.SetResult();
            }

            _wake = wake;
        }

        using (cancellationToken.UnsafeRegister(_ => wake.TrySetCanceled(cancellationToken), null))
        {
            // Timers count whole milliseconds; cut to nothing, a pause would be waited for in a busy loop.
            var pause = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(PauseLeft().TotalMilliseconds)));
            using var alarm = clock.CreateTimer(_ => wake.TrySetResult(), null, pause, Timeout.InfiniteTimeSpan);

            // The clock may have jumped between reading it and setting the alarm.
            if (PauseLeft() <= TimeSpan.Zero)
            {
                wake.TrySetResult();
            }

            await wake.Task;
        }

        lock (_gate)
        {
            (_isRung, _wake) = (false, null);
        }
    }

    private void Ring()
    {
        lock (_gate)
        {
            _isRung = true;
            _wake?.TrySetResult();
        }
    }

    private TimeSpan PauseLeft()
    {
        lock (_gate)
        {
            return _lookAt - clock.GetUtcNow();
        }
    }
}
