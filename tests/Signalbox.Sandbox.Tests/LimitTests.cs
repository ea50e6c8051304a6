using Microsoft.Extensions.Time.Testing;

namespace Signalbox.Sandbox.Tests;

/// <summary>Time and memory: who exceeds them is ended, and nobody else.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_run_that_takes_too_long_is_ended_and_the_next_gets_a_new_process()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action("let runs = 0; function main({ hang }) { runs++; while (hang); return { runs } }") with
        {
            Timeout = TimeSpan.FromSeconds(2),
        };
        Assert.Equal("""{"runs":1}""", (await pool.RunAsync(action)).Answer());
        var outcome = await pool.RunAsync(action, """{"hang":true}""");
        Assert.Equal(SandboxStatus.RunTimedOut, outcome.Status);
        Assert.InRange(outcome.End - outcome.Start, action.Timeout - TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(10));
        Assert.Equal("""{"runs":1}""", (await pool.RunAsync(action)).Answer());
    }

    [Fact]
    public async Task A_sandbox_gets_no_more_of_the_processors_than_its_cap()
    {
        await using var pool = new TestPool(options => options with { ProcessorsMax = 0.2 });
        var report = await pool.Pool.HostReport;
        Assert.SkipUnless(report.Protections.Any(protection => protection.Contains("CPU cap", StringComparison.Ordinal)), "This host lets nobody cap the CPU.");

        var outcome = await pool.RunAsync("""
            function main () {
              const used = process.cpuUsage(), from = Date.now();
              while (Date.now() - from < 2000);
              const { user, system } = process.cpuUsage(used);
              return { share: (user + system) / 1000 / (Date.now() - from) };
            }
            """);

        var share = (double)System.Text.Json.Nodes.JsonNode.Parse(outcome.Answer())!["share"]!;
        Assert.InRange(share, 0, 0.3);
    }

    [Fact]
    public async Task Loading_has_the_same_time()
    {
        await using var pool = new TestPool();
        var outcome = await pool.RunAsync(TestPool.Action("for (;;);") with { Timeout = TimeSpan.FromSeconds(1) });
        Assert.Equal(SandboxStatus.LoadTimedOut, outcome.Status);
        Assert.NotNull(outcome.Init);
    }

    [Fact]
    public async Task Time_is_the_servers_clock()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var pool = new TestPool(time: time);
        var action = TestPool.Action("function main({ wait }) { return wait ? new Promise(() => {}) : { deadline: process.env.__OW_DEADLINE } }") with
        {
            Timeout = TimeSpan.FromMinutes(5),
        };
        var quick = await pool.RunAsync(action);
        Assert.Equal($$"""{"deadline":"{{time.GetUtcNow().AddMinutes(5).ToUnixTimeMilliseconds()}}"}""", quick.Answer());
        Assert.Equal(time.GetUtcNow(), quick.Start);

        var slow = pool.RunAsync(action, """{"wait":true}""");
        time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(slow.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SandboxStatus.RunTimedOut, (await slow).Status);
    }

    [Fact]
    public async Task One_activations_timeout_does_not_end_its_neighbours()
    {
        var time = new FakeTimeProvider();
        await using var pool = new TestPool(time: time);
        var action = TestPool.Action("function main({ ms }) { return new Promise((done) => setTimeout(() => done({ ms }), ms)) }") with
        {
            Concurrency = 10,
            Timeout = TimeSpan.FromMinutes(2),
        };
        await pool.RunAsync(action, """{"ms":0}""");
        var slow = pool.RunAsync(action, """{"ms":600000}""");
        time.Advance(TimeSpan.FromMinutes(1));
        var neighbour = pool.RunAsync(action, """{"ms":300}""");
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SandboxStatus.RunTimedOut, (await slow).Status);
        Assert.Equal("""{"ms":300}""", (await neighbour).Answer());
        Assert.NotNull((await pool.RunAsync(action, """{"ms":0}""")).Init);
    }

    [Theory]
    [InlineData("const all = []; function main() { for (;;) all.push(new Array(1000).fill({})) }", SandboxIsolation.Bubblewrap)]
    [InlineData("const all = []; function main() { for (;;) all.push(Buffer.alloc(1 << 20, 1)) }", SandboxIsolation.Bubblewrap)]
    [InlineData("const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))", SandboxIsolation.Bubblewrap)]
    [InlineData("const all = []; function main() { for (;;) all.push(Buffer.alloc(1 << 20, 1)) }", SandboxIsolation.None)]
    public async Task Exceeding_the_memory_is_told_from_a_crash(string code, SandboxIsolation isolation)
    {
        await using var pool = new TestPool(options => options with { Isolation = isolation });
        var outcome = await pool.RunAsync(TestPool.Action(code) with { MemoryMb = 128 });
        Assert.Equal(SandboxStatus.OutOfMemory, outcome.Status);
        (await pool.RunAsync("function main() {}")).Answer();
    }

    [Fact]
    public async Task Temporary_files_are_bounded()
    {
        await using var pool = new TestPool(options => options with { TemporaryMb = 4 });
        var outcome = await pool.RunAsync("""
            const fs = require('fs');
            function main() {
              try { for (let i = 0; i < 20; i++) fs.writeFileSync('/tmp/' + i, Buffer.alloc(1 << 20)); } catch (e) { return { code: e.code, files: fs.readdirSync('/tmp').length } }
              return {};
            }
            """);
        Assert.Equal("""{"code":"ENOSPC","files":5}""", outcome.Answer());
    }

    [Fact]
    public async Task Processes_and_open_files_are_bounded()
    {
        await using var pool = new TestPool(options => options with { PidsMax = 40, OpenFilesMax = 64 });
        var outcome = await pool.RunAsync("""
            const fs = require('fs');
            const { spawn } = require('child_process');
            async function main() {
              const codes = new Set();
              const children = [];
              for (let i = 0; i < 60; i++) {
                const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 5000)'], { stdio: 'ignore' });
                children.push(child);
                const code = await new Promise((done) => { child.on('error', (e) => done(e.code)); child.on('spawn', () => done('ok')); });
                if (code !== 'ok') { codes.add(code); break; }
              }
              children.forEach((child) => child.kill('SIGKILL'));
              try { for (let i = 0; i < 100; i++) fs.openSync(__filename.replace(/index.js$/, '.')); } catch (e) { codes.add(e.code) }
              return [...codes];
            }
            """);
        Assert.Equal("""["EAGAIN","EMFILE"]""", outcome.Answer());
    }
}
