using System.Globalization;

namespace Signalbox.Server.Clock;

/// <summary>
/// The system's time plus an offset that tests can grow, so that what takes 24 hours can be seen in a moment. All
/// policies ask this one clock, their timers included: moving it forward fires at once every timer that has become due.
/// </summary>
/// <remarks>The offset is kept in a file, so that time does not run backwards over a restart.</remarks>
public sealed class TestClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly HashSet<TestTimer> _timers = [];
    private readonly string _offsetPath;
    private TimeSpan _offset;
    private TimeSpan _passed;

    /// <param name="offsetPath">The file that keeps the offset, in whole milliseconds.</param>
    public TestClock(string offsetPath)
    {
        _offsetPath = offsetPath;
        if (File.Exists(offsetPath)
            && long.TryParse(File.ReadAllText(offsetPath), CultureInfo.InvariantCulture, out var milliseconds))
        {
            _offset = TimeSpan.FromMilliseconds(milliseconds);
        }
    }

    /// <summary>How far this clock is ahead of the system's.</summary>
    public TimeSpan Offset
    {
        get
        {
            lock (_lock)
            {
                return _offset;
            }
        }
    }

    public override long TimestampFrequency => System.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;

    public override long GetTimestamp() =>
        System.GetTimestamp() + (long)(Passed.TotalSeconds * System.TimestampFrequency);

    /// <summary>What was added to the time that really passed since the process started.</summary>
    private TimeSpan Passed
    {
        get
        {
            lock (_lock)
            {
                return _passed;
            }
        }
    }

    private TimeSpan Uptime => System.GetElapsedTime(0) + Passed;

    /// <summary>
    /// Moves the clock. Forward, time passes: timers fire and timestamps grow. Back, only the time of day changes, as when
    /// an operator or a time service sets a clock back: timers and timestamps go on as before.
    /// </summary>
    public void Advance(TimeSpan delta)
    {
        TestTimer[] timers;
        lock (_lock)
        {
            _offset += delta;
            _passed += delta > TimeSpan.Zero ? delta : TimeSpan.Zero;
            File.WriteAllText(_offsetPath, ((long)_offset.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
            timers = [.. _timers];
        }

        foreach (var timer in timers)
        {
            timer.Rearm();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new TestTimer(this, callback, state);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    private void Forget(TestTimer timer)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
        }
    }

    /// <summary>A system timer that is set again whenever the clock jumps.</summary>
    private sealed class TestTimer : ITimer
    {
        private static readonly TimeSpan _delayMax = TimeSpan.FromDays(24);

        private readonly Lock _lock = new();
        private readonly TestClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private TimeSpan? _dueAt;

        public TestTimer(TestClock clock, TimerCallback callback, object? state)
        {
            _clock = clock;
            _callback = callback;
            _state = state;
            _timer = System.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                _period = period;
                _dueAt = dueTime == Timeout.InfiniteTimeSpan ? null : _clock.Uptime + dueTime;
            }

            return Rearm();
        }

        public bool Rearm()
        {
            lock (_lock)
            {
                if (_dueAt is not { } dueAt)
                {
                    return _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }

                var remaining = dueAt - _clock.Uptime;
                return _timer.Change(
                    remaining < TimeSpan.Zero ? TimeSpan.Zero : remaining > _delayMax ? _delayMax : remaining,
                    Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            _clock.Forget(this);
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _clock.Forget(this);
            return _timer.DisposeAsync();
        }

        private void Fire()
        {
            lock (_lock)
            {
                if (_dueAt is not { } dueAt)
                {
                    return;
                }

                var now = _clock.Uptime;
                if (dueAt > now)
                {
                    // The system timer's resolution, or a delay above its maximum: not due yet.
                    Rearm();
                    return;
                }

                _dueAt = _period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero ? null : now + _period;
                Rearm();
            }

            _callback(_state);
        }
    }
}
