namespace Signalbox.Events.Delivery;

/// <summary>
/// Lanes that may start nothing before a time: those of slowed-down, rate-limited and paused registrations. One timer
/// for all of them. Guarded by the dispatcher's lock, except for the timer's own ring.
/// </summary>
internal sealed class LaneAlarm(TimeProvider clock, Uptime uptime, Action ring) : IDisposable
{
    private readonly PriorityQueue<Lane, TimeSpan> _asleep = new();
    private ITimer? _timer;
    private TimeSpan _ringsAt = TimeSpan.MaxValue;

    /// <summary>Lanes that sleep.</summary>
    public int Count => _asleep.Count;

    /// <summary>Rings for a lane at that time, or before.</summary>
    public void Set(Lane lane, TimeSpan at)
    {
        if (lane.AlarmAt <= at)
        {
            return;
        }

        // An entry of the lane for a later time stays in the queue and finds the lane awake.
        lane.AlarmAt = at;
        _asleep.Enqueue(lane, at);
        if (at < _ringsAt)
        {
            Schedule(at);
        }
    }

    /// <summary>Takes the lanes whose time has come.</summary>
    public IReadOnlyList<Lane> TakeDue()
    {
        var due = new List<Lane>();
        var now = uptime.Now;
        while (_asleep.TryPeek(out var lane, out var at) && at <= now)
        {
            _asleep.Dequeue();
            if (lane.AlarmAt == at)
            {
                lane.AlarmAt = null;
                due.Add(lane);
            }
        }

        _ringsAt = TimeSpan.MaxValue;
        if (_asleep.TryPeek(out _, out var next))
        {
            Schedule(next);
        }

        return due;
    }

    public void Dispose() => _timer?.Dispose();

    private void Schedule(TimeSpan at)
    {
        _ringsAt = at;
        var pause = at - uptime.Now;
        pause = pause > TimeSpan.Zero ? pause : TimeSpan.Zero;
        if (_timer is null)
        {
            _timer = clock.CreateTimer(_ => ring(), null, pause, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(pause, Timeout.InfiniteTimeSpan);
        }

        // A clock under test may have been moved between reading it and setting the timer. Not from here: the caller holds the lock.
        if (pause > TimeSpan.Zero && at <= uptime.Now)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static ring => ring(), ring, preferLocal: false);
        }
    }
}
