namespace Signalbox.Simulation.Tests;

/// <summary>The clock of one process. Its time of day may be set forward or back; its timers count on regardless.</summary>
internal sealed class HostClock(World world, Host host) : TimeProvider
{
    /// <summary>How far the time of day is off.</summary>
    public TimeSpan Skew { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world.Now + Skew;

    public override long GetTimestamp() => world.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(world, host, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer : ITimer
    {
        private readonly World _world;
        private readonly Host _host;
        private readonly WorldTimer _timer;
        private TimeSpan _period;

        public Timer(World world, Host host, TimerCallback callback, object? state)
        {
            (_world, _host) = (world, host);
            _timer = new WorldTimer(() =>
            {
                if (_period > TimeSpan.Zero)
                {
                    _world.SetTimer(_host, _timer!, _period);
                }

                callback(state);
            });
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            _timer.Number = 0;
            if (dueTime >= TimeSpan.Zero)
            {
                _world.SetTimer(_host, _timer, dueTime);
            }

            return true;
        }

        public void Dispose() => _timer.Number = 0;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
