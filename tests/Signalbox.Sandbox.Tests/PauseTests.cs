namespace Signalbox.Sandbox.Tests;

/// <summary>What an action does after its answer.</summary>
public sealed class PauseTests
{
    private const string Counter = "let ticks = 0; setInterval(() => ticks++, 5); function main () { return { ticks } }";

    private static readonly TimeSpan _idle = TimeSpan.FromMilliseconds(1_500);

    [Fact]
    public async Task Timers_stand_still_between_activations()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action(Counter);
        await pool.RunAsync(action);

        await Task.Delay(_idle);
        var ticks = Ticks(await pool.RunAsync(action));

        // It had the grace and one period of the timer that looks for idle processes; unpaused it would have had 300.
        Assert.InRange(ticks, 1, 150);
    }

    [Fact]
    public async Task Computing_and_child_processes_stand_still_too()
    {
        await using var pool = new TestPool(options => options with { PidsMax = 64 });
        var action = TestPool.Action("""
            const fs = require('node:fs');
            const { spawn } = require('node:child_process');
            const beat = "const fs = require('fs'); setInterval(() => fs.appendFileSync('/tmp/beats', '.'), 5)";
            const size = () => { try { return fs.statSync('/tmp/beats').size } catch { return 0 } };
            function main (p) {
              if (p.start) {
                spawn(process.execPath, ['-e', beat], { detached: true, stdio: 'ignore' });
                return new Promise((done) => { const look = setInterval(() => { if (size() > 0) { clearInterval(look); done({}) } }, 5) });
              }
              return { ticks: size() };
            }
            """);
        (await pool.RunAsync(action, """{"start":true}""")).Answer();
        await PausedAsync(pool);

        await Task.Delay(_idle);
        var before = Ticks(await pool.RunAsync(action));
        await PausedAsync(pool);
        await Task.Delay(_idle);
        var after = Ticks(await pool.RunAsync(action));

        Assert.InRange(after - before, 0, 150);
    }

    [Fact]
    public async Task Activations_that_follow_one_another_closely_meet_no_pause()
    {
        await using var pool = new TestPool(options => options with { PauseAfter = TimeSpan.FromSeconds(5) });
        var action = TestPool.Action(Counter);
        for (var i = 0; i < 20; i++)
        {
            (await pool.RunAsync(action)).Answer();
            Assert.Equal(0, pool.Pool.Paused);
        }
    }

    [Fact]
    public async Task A_paused_process_ends_with_its_version_and_with_the_pool()
    {
        var pool = new TestPool();
        var (first, second) = (TestPool.Action(Counter), TestPool.Action(Counter));
        await pool.RunAsync(first);
        await pool.RunAsync(second);
        await PausedAsync(pool, 2);

        pool.Pool.Retire(first.Id);
        await PausedAsync(pool, 1);
        await pool.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_process_that_answers_its_heartbeat_is_not_blamed_for_the_pause()
    {
        await using var pool = new TestPool(options => options with { StallTimeout = TimeSpan.FromMilliseconds(200) });
        var action = TestPool.Action("function main (p) { return p.wait ? new Promise((done) => setTimeout(() => done({}), 600)) : {} }") with { Concurrency = 10 };
        for (var i = 0; i < 3; i++)
        {
            await pool.RunAsync(action);
            await PausedAsync(pool);
            await Task.Delay(500);
            Assert.Equal(0, pool.Pool.Stalled);
            var run = pool.RunAsync(action, """{"wait":true}""");
            await Task.Delay(400);
            Assert.Equal(0, pool.Pool.Stalled);
            (await run).Answer();
        }
    }

    [Fact]
    public async Task With_no_pause_the_process_goes_on()
    {
        await using var pool = new TestPool(options => options with { PauseAfter = TimeSpan.Zero });
        var action = TestPool.Action(Counter);
        await pool.RunAsync(action);
        await Task.Delay(_idle);

        Assert.True(Ticks(await pool.RunAsync(action)) > 150);
    }

    private static int Ticks(SandboxOutcome outcome) => (int)System.Text.Json.Nodes.JsonNode.Parse(outcome.Answer())!["ticks"]!;

    private static async Task PausedAsync(TestPool pool, int count = 1)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (pool.Pool.Paused != count)
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
