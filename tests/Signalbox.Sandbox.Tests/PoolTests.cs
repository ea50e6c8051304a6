using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace Signalbox.Sandbox.Tests;

/// <summary>Which process runs what, and when it ends.</summary>
public sealed class PoolTests
{
    private const string WhoAmI = "const started = Math.random(); function main({ ms }) { return new Promise((done) => setTimeout(() => done({ started }), ms ?? 0)) }";

    [Fact]
    public async Task A_process_is_reused_and_concurrent_runs_get_processes_of_their_own()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action(WhoAmI);
        var first = await pool.RunAsync(action);
        var second = await pool.RunAsync(action);
        Assert.Equal(first.Answer(), second.Answer());
        Assert.NotNull(first.Init);
        Assert.Null(second.Init);
        var both = await Task.WhenAll(pool.RunAsync(action, """{"ms":200}"""), pool.RunAsync(action, """{"ms":200}"""));
        Assert.NotEqual(both[0].Answer(), both[1].Answer());
    }

    [Fact]
    public async Task Code_can_be_loaded_without_a_run_which_the_next_activation_finds_warm()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action("console.log('loading'); let runs = 0; function main() { return { runs: ++runs } }");
        var loaded = await pool.Pool.RunAsync(action, TestPool.Request() with { LoadsOnly = true }, CancellationToken.None);
        Assert.Equal(SandboxStatus.Answered, loaded.Status);
        Assert.Equal(0, loaded.Result.Length);
        Assert.Equal("loading", Assert.Single(loaded.Logs).Text);
        Assert.Equal(SandboxStatus.Answered, (await pool.Pool.RunAsync(action, TestPool.Request() with { LoadsOnly = true }, CancellationToken.None)).Status);
        var run = await pool.RunAsync(action);
        Assert.Null(run.Init);
        Assert.Equal("""{"runs":1}""", run.Answer());
        var broken = await pool.Pool.RunAsync(TestPool.Action("function main( {"), TestPool.Request() with { LoadsOnly = true }, CancellationToken.None);
        Assert.Equal(SandboxStatus.LoadFailed, broken.Status);
    }

    [Fact]
    public async Task Concurrency_lets_activations_share_a_process_from_its_first_load()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action(WhoAmI) with { Concurrency = 4 };
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => pool.RunAsync(action, """{"ms":300}""")));
        Assert.Equal(2, outcomes.Select(outcome => outcome.Answer()).Distinct().Count());
        Assert.Equal(2, outcomes.Count(outcome => outcome.Init is not null));
    }

    [Fact]
    public async Task A_retired_actions_process_ends_when_it_falls_idle()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action(WhoAmI);
        var before = await pool.RunAsync(action);
        var running = pool.RunAsync(action, """{"ms":300}""");
        pool.Pool.Retire(action.Id);
        Assert.Equal(before.Answer(), (await running).Answer());
        Assert.NotEqual(before.Answer(), (await pool.RunAsync(action)).Answer());
    }

    [Fact]
    public async Task The_longest_unused_process_makes_room()
    {
        await using var pool = new TestPool(options => options with { MemoryBudgetMb = 512 });
        var (first, second, third) = (TestPool.Action(WhoAmI), TestPool.Action(WhoAmI), TestPool.Action(WhoAmI));
        await pool.RunAsync(first);
        var kept = await pool.RunAsync(second);
        await pool.RunAsync(first);
        kept = await pool.RunAsync(second);
        await pool.RunAsync(third);
        Assert.Equal(kept.Answer(), (await pool.RunAsync(second)).Answer());
        Assert.NotNull((await pool.RunAsync(first)).Init);
    }

    [Fact]
    public async Task Without_room_an_activation_waits_its_turn()
    {
        await using var pool = new TestPool(options => options with { MemoryBudgetMb = 256 });
        var action = TestPool.Action(WhoAmI);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.RunAsync(action, """{"ms":50}""")));
        Assert.Single(outcomes.Select(outcome => outcome.Answer()).Distinct());
        var other = await pool.RunAsync(TestPool.Action(WhoAmI));
        other.Answer();
    }

    [Fact]
    public async Task The_queue_is_bounded_in_length_and_time()
    {
        var time = new FakeTimeProvider();
        await using var pool = new TestPool(
            options => options with { MemoryBudgetMb = 256, QueueLength = 1, QueueTimeout = TimeSpan.FromSeconds(30), DrainTimeout = TimeSpan.Zero }, time);
        var action = TestPool.Action(WhoAmI) with { Timeout = TimeSpan.FromHours(1) };
        await pool.RunAsync(action);
        var running = pool.RunAsync(action, """{"ms":100000}""");
        var queued = pool.RunAsync(action);
        var refused = await pool.RunAsync(action);
        Assert.Equal(SandboxStatus.Overloaded, refused.Status);
        Assert.Contains("queue", refused.Message, StringComparison.Ordinal);
        Assert.False(queued.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(SandboxStatus.Overloaded, (await queued).Status);
        Assert.Equal(TimeSpan.FromSeconds(30), (await queued).Wait);
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task Cancelling_abandons_the_wait_and_nothing_else()
    {
        await using var pool = new TestPool(options => options with { MemoryBudgetMb = 256 });
        var action = TestPool.Action(WhoAmI);
        await pool.RunAsync(action);
        using var cancellation = new CancellationTokenSource();
        var running = pool.Pool.RunAsync(action, TestPool.Request("""{"ms":300}"""), cancellation.Token);
        var queued = pool.Pool.RunAsync(action, TestPool.Request(), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        (await running).Answer();
        (await pool.RunAsync(action)).Answer();
    }

    [Fact]
    public async Task More_memory_than_the_budget_is_refused_at_once()
    {
        await using var pool = new TestPool(options => options with { MemoryBudgetMb = 256 });
        var outcome = await pool.RunAsync(TestPool.Action(WhoAmI) with { MemoryMb = 512 });
        Assert.Equal(SandboxStatus.NotProvisioned, outcome.Status);
        Assert.Contains("512 MB", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_process_ends_after_its_time()
    {
        var time = new FakeTimeProvider();
        await using var pool = new TestPool(options => options with { IdleTimeout = TimeSpan.FromMinutes(10) }, time);
        var action = TestPool.Action(WhoAmI);
        var first = await pool.RunAsync(action);
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(first.Answer(), (await pool.RunAsync(action)).Answer());
        time.Advance(TimeSpan.FromMinutes(13));
        Assert.NotEqual(first.Answer(), (await pool.RunAsync(action)).Answer());
    }

    [Fact]
    public async Task A_prestarted_process_serves_the_first_run_and_is_replaced()
    {
        var started = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meter) =>
        {
            if (instrument.Name == "signalbox.sandbox.starts")
            {
                meter.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (started)
            {
                started.Add((string)tags[0].Value!);
            }
        });
        listener.Start();
        await using var pool = new TestPool(options => options with { PrestartedProcesses = 1 });
        for (var run = 0; run < 2; run++)
        {
            await pool.WaitForPrestartedAsync(1);
            (await pool.RunAsync(WhoAmI)).Answer();
        }

        lock (started)
        {
            Assert.True(started.Count(start => start == "prewarmed") >= 2);
        }
    }

    [Fact]
    public async Task A_size_that_actions_use_is_started_ahead_too_until_nobody_uses_it()
    {
        var time = new FakeTimeProvider();
        await using var pool = new TestPool(
            options => options with { PrestartedProcesses = 1, PrestartedUsedSizesMax = 1, IdleTimeout = TimeSpan.FromMinutes(10) }, time);
        await pool.WaitForPrestartedAsync(1);
        (await pool.RunAsync(TestPool.Action(WhoAmI) with { MemoryMb = 128 })).Answer();
        await pool.WaitForPrestartedAsync(2);
        (await pool.RunAsync(TestPool.Action(WhoAmI) with { MemoryMb = 192 })).Answer();
        // The size used last takes the place of the one before.
        await pool.WaitForPrestartedAsync(2);
        Assert.Equal(2, pool.Pool.Prestarted);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, pool.Pool.Prestarted);
    }

    [Fact]
    public async Task More_actions_than_the_memory_holds_are_run_in_turn_without_an_error()
    {
        await using var pool = new TestPool(options => options with { MemoryBudgetMb = 512 });
        var actions = Enumerable.Range(0, 6).Select(_ => TestPool.Action(WhoAmI)).ToArray();
        for (var round = 0; round < 2; round++)
        {
            var outcomes = await Task.WhenAll(actions.Select(action => pool.RunAsync(action)));
            Assert.All(outcomes, outcome => Assert.Equal(SandboxStatus.Answered, outcome.Status));
        }
    }

    [Fact]
    public async Task Prestarted_processes_give_way_to_actions()
    {
        await using var pool = new TestPool(options => options with { PrestartedProcesses = 1, MemoryBudgetMb = 512 });
        await pool.WaitForPrestartedAsync(1);
        (await pool.RunAsync(TestPool.Action(WhoAmI) with { MemoryMb = 512 })).Answer();
    }

    [Fact]
    public async Task Nothing_is_left_after_the_pools_end()
    {
        var pool = new TestPool(options => options with { PrestartedProcesses = 2 });
        await pool.WaitForPrestartedAsync(2);
        await pool.RunAsync("function main() { require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { detached: true }); return {} }");
        Assert.NotEmpty(ProcessesNaming(pool.WorkDirectory));
        await pool.DisposeAsync();
        Assert.Empty(ProcessesNaming(pool.WorkDirectory));
        Assert.False(Directory.Exists(pool.WorkDirectory));
        Assert.Equal(SandboxStatus.NotProvisioned, (await pool.RunAsync(WhoAmI)).Status);
    }

    [Fact]
    public async Task The_end_waits_for_a_running_activation()
    {
        var pool = new TestPool();
        var action = TestPool.Action(WhoAmI);
        await pool.RunAsync(action);
        var running = pool.RunAsync(action, """{"ms":300}""");
        await pool.DisposeAsync();
        (await running).Answer();
    }

    [Fact]
    public async Task A_work_directory_with_a_long_name_works()
    {
        var root = Path.Combine(Path.GetTempPath(), "sbx-" + new string('l', 120));
        await using (var pool = new TestPool(options => options with { WorkDirectory = root }))
        {
            (await pool.RunAsync(WhoAmI)).Answer();
        }

        Assert.False(Directory.Exists(root));
    }

    [Fact]
    public async Task What_an_earlier_life_left_behind_is_removed_and_nothing_else()
    {
        var root = Directory.CreateTempSubdirectory("sbx-stale").FullName;
        var stale = Directory.CreateDirectory(Path.Combine(root, "p", "7", "code")).FullName;
        var foreign = Path.Combine(root, "foreign");
        await File.WriteAllTextAsync(foreign, "not the pool's");
        await using (var pool = new TestPool(options => options with { WorkDirectory = root }))
        {
            Assert.False(Directory.Exists(stale));
            (await pool.RunAsync(WhoAmI)).Answer();
        }

        Assert.Equal([foreign], Directory.EnumerateFileSystemEntries(root));
        Directory.Delete(root, recursive: true);
    }

    private static List<string> ProcessesNaming(string text) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)).Where(folder =>
        {
            try
            {
                return File.ReadAllText(folder + "/cmdline").Contains(text, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        }),
    ];
}
