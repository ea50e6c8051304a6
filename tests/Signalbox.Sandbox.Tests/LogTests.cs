namespace Signalbox.Sandbox.Tests;

public sealed class LogTests : IClassFixture<SharedPool>
{
    private readonly TestPool _pool;

    public LogTests(SharedPool shared)
    {
        _pool = shared.Pool;
    }

    [Fact]
    public async Task Lines_are_kept_in_order_with_their_streams_from_load_to_end()
    {
        var outcome = await _pool.RunAsync("""
            console.log('loading');
            function main() {
              console.log('one %d', 1, { a: [2] });
              console.error('two\nthree');
              process.stdout.write('par');
              process.stdout.write('tial\nrest');
              process.stderr.write(Buffer.from('bytes\n'));
              console.table([{ a: 1 }]);
              return {};
            }
            """);
        outcome.Answer();
        Assert.Equal(
            ["Stdout: loading", "Stdout: one 1 { a: [ 2 ] }", "Stderr: two", "Stderr: three", "Stdout: partial", "Stderr: bytes"],
            outcome.LogText().Split('\n')[..6]);
        Assert.StartsWith("Stdout: rest┌", outcome.Logs.Select(line => $"{line.Stream}: {line.Text}").ElementAt(6), StringComparison.Ordinal);
        Assert.All(outcome.Logs, line => Assert.InRange(line.Time, outcome.Start, outcome.End.AddMilliseconds(1)));
    }

    [Fact]
    public async Task Lines_of_concurrent_activations_are_told_apart()
    {
        var action = TestPool.Action("""
            async function main({ who }) {
              for (let i = 0; i < 5; i++) {
                console.log(who, i);
                await new Promise((done) => setTimeout(done, Math.random() * 10));
              }
              return {};
            }
            """) with
        { Concurrency = 50 };
        await _pool.RunAsync(action);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(async who =>
            (Who: who, Outcome: await _pool.RunAsync(action, $$"""{"who":"w{{who}}"}"""))));
        Assert.All(outcomes, run => Assert.Equal(
            Enumerable.Range(0, 5).Select(i => $"w{run.Who} {i}"), run.Outcome.Logs.Select(line => line.Text)));
    }

    [Fact]
    public async Task Lines_beyond_the_limit_are_left_out_and_said_so()
    {
        var action = TestPool.Action("function main() { for (let i = 0; i < 1000; i++) console.log('x'.repeat(99)); return {} }") with { LogBytesMax = 1000 };
        var outcome = await _pool.RunAsync(action);
        outcome.Answer();
        Assert.True(outcome.LogsTruncated);
        Assert.Equal(10, outcome.Logs.Count);
    }

    /// <summary>Each of them takes more of the server's memory than its own text.</summary>
    [Theory]
    [InlineData("nodejs:default", "function main() { for (let i = 0; i < 1e5; i++) console.log(''); return {} }")]
    [InlineData("python:default", "def main(args):\n    print('\\n' * 100000)\n    return {}")]
    [InlineData("native", "#!/bin/sh\nread -r line; yes | head -n 100000; echo '{}' >&3; sleep 5")]
    public async Task A_short_line_takes_its_part_of_the_limit(string kind, string code)
    {
        var outcome = await _pool.RunAsync(TestPool.Action(code) with { Kind = kind, LogBytesMax = 6400 });
        outcome.Answer();
        Assert.True(outcome.LogsTruncated);
        Assert.Equal(100, outcome.Logs.Count);
    }

    [Fact]
    public async Task More_lines_at_once_than_the_socket_takes_cost_no_memory_of_the_action()
    {
        var action = TestPool.Action("function main() { for (let i = 0; i < 150000; i++) console.log('x'); return { mb: process.memoryUsage().rss / 1048576 | 0 } }");
        var outcome = await _pool.RunAsync(action with { LogBytesMax = 10 * 1024 * 1024, MemoryMb = 128 });
        outcome.Answer();
        Assert.Equal(150_000, outcome.Logs.Count);
    }

    [Fact]
    public async Task All_running_activations_share_a_limit_and_the_log_says_where_it_was_cut()
    {
        await using var pool = new TestPool(options => options with { LogMemoryMb = 1 });
        var action = TestPool.Action("async function main({ ms }) { for (let i = 0; i < 400; i++) console.log('x'.repeat(1000)); await new Promise((done) => setTimeout(done, ms)); return {} }");
        var holding = pool.RunAsync(action, """{"ms":60000}""");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (pool.Pool.LogBytes < 800_000)
        {
            await Task.Delay(10, patience.Token);
        }

        var outcome = await pool.RunAsync(action, """{"ms":0}""");
        outcome.Answer();
        Assert.InRange(outcome.Logs.Count, 2, 399);
        Assert.False(outcome.LogsTruncated);
        Assert.Equal("Logs were cut here because all running activations together have printed 1 MB (Sandbox:LogMemoryMb).", outcome.Logs[^1].Text);
        Assert.False(holding.IsCompleted);
    }

    [Fact]
    public async Task An_activation_that_ends_gives_back_its_part_of_the_limit()
    {
        await using var pool = new TestPool(options => options with { LogMemoryMb = 1 });
        var action = TestPool.Action("function main() { for (let i = 0; i < 400; i++) console.log('x'.repeat(1000)); return {} }");
        for (var run = 0; run < 4; run++)
        {
            Assert.Equal(400, (await pool.RunAsync(action)).Logs.Count);
            Assert.Equal(0, pool.Pool.LogBytes);
        }
    }

    [Fact]
    public async Task A_limit_of_zero_keeps_nothing()
    {
        var outcome = await _pool.RunAsync(TestPool.Action("function main() { console.log('x'); return {} }") with { LogBytesMax = 0 });
        outcome.Answer();
        Assert.Empty(outcome.Logs);
    }

    [Fact]
    public async Task Lines_before_a_hang_are_kept()
    {
        var action = TestPool.Action("function main() { console.log('before'); for (;;); }") with { Timeout = TimeSpan.FromSeconds(2) };
        var outcome = await _pool.RunAsync(action);
        Assert.Equal(SandboxStatus.RunTimedOut, outcome.Status);
        Assert.Equal("Stdout: before", outcome.LogText());
    }

    [Fact]
    public async Task A_thrown_error_leaves_its_stack_with_the_users_line()
    {
        var outcome = await _pool.RunAsync("function main() {\n  throw new Error('x')\n}");
        Assert.StartsWith("Stderr: Error: x\nStderr:     at main (/action/index.js:2:9)", outcome.LogText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_printed_after_the_answer_belongs_to_nobody()
    {
        // What is due immediately comes after the answer, and before the process reads what it is asked next.
        var action = TestPool.Action("function main() { setImmediate(() => console.log('late')); return {} }");
        for (var run = 0; run < 2; run++)
        {
            var ended = await _pool.RunAsync(action with { });
            ended.Answer();
            Assert.Empty(ended.Logs);
        }
    }
}
