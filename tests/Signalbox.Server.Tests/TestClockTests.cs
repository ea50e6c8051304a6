using Signalbox.Server.Clock;

namespace Signalbox.Server.Tests;

public sealed class TestClockTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("signalbox-clock-").FullName, "test-clock");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void Advancing_moves_the_time_and_the_timestamps_alike()
    {
        var clock = new TestClock(_path);
        var now = clock.GetUtcNow();
        var timestamp = clock.GetTimestamp();

        clock.Advance(TimeSpan.FromHours(24));

        Assert.InRange(clock.GetUtcNow() - now, TimeSpan.FromHours(24), TimeSpan.FromHours(24.1));
        Assert.InRange(clock.GetElapsedTime(timestamp), TimeSpan.FromHours(24), TimeSpan.FromHours(24.1));
    }

    [Fact]
    public async Task A_timer_that_has_become_due_fires_at_once()
    {
        var clock = new TestClock(_path);
        var fired = new TaskCompletionSource();
        await using var timer = clock.CreateTimer(_ => fired.TrySetResult(), null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(fired.Task.IsCompleted);

        clock.Advance(TimeSpan.FromMinutes(1));
        await fired.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_periodic_timer_fires_again_after_the_next_jump()
    {
        var clock = new TestClock(_path);
        using var fired = new SemaphoreSlim(0);
        await using var timer = clock.CreateTimer(_ => fired.Release(), null, TimeSpan.FromHours(1), TimeSpan.FromHours(1));

        for (var i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            Assert.True(await fired.WaitAsync(TimeSpan.FromSeconds(10)));
        }
    }

    [Fact]
    public async Task A_cancellation_after_a_delay_follows_the_clock()
    {
        var clock = new TestClock(_path);
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(60), clock);
        var cancelled = Task.Delay(Timeout.InfiniteTimeSpan, source.Token);

        clock.Advance(TimeSpan.FromSeconds(61));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Time_does_not_run_backwards_over_a_restart()
    {
        new TestClock(_path).Advance(TimeSpan.FromDays(3));

        Assert.Equal(TimeSpan.FromDays(3), new TestClock(_path).Offset);
    }

    [Fact]
    public async Task A_disposed_timer_never_fires()
    {
        var clock = new TestClock(_path);
        var fired = false;
        var timer = clock.CreateTimer(_ => fired = true, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        await timer.DisposeAsync();
        var later = new TaskCompletionSource();
        await using var other = clock.CreateTimer(_ => later.TrySetResult(), null, TimeSpan.FromHours(2), Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromHours(2));
        await later.Task.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.False(fired);
    }
}
