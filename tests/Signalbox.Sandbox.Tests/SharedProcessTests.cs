using Microsoft.Extensions.Time.Testing;

namespace Signalbox.Sandbox.Tests;

/// <summary>Many activations in one process: what one of them does to itself, and what to the others.</summary>
public sealed class SharedProcessTests
{
    private const string WaitsOrBreaks =
        """
        const started = Math.random();
        const waiting = [];
        function main({ how }) {
          if (how === 'wait') return new Promise((done) => waiting.push(() => done({ started })));
          if (how === 'release') { for (const done of waiting.splice(0)) done(); return { started }; }
          if (how === 'throw') return new Promise(() => setTimeout(() => { console.log('about to'); throw new Error('nobody catches me'); }));
          if (how === 'reject') return new Promise(() => { Promise.reject(new Error('nobody awaits me')); });
          if (how === 'loop') for (;;);
          return { started };
        }
        """;

    [Theory]
    [InlineData("throw", "nobody catches me")]
    [InlineData("reject", "nobody awaits me")]
    public async Task An_error_that_nobody_caught_fails_its_own_activation_and_lets_the_others_end(string how, string message)
    {
        await using var pool = new TestPool();
        var action = TestPool.Action(WaitsOrBreaks) with { Concurrency = 10 };
        var before = (await pool.RunAsync(action)).Answer();
        var neighbour = pool.RunAsync(action, """{"how":"wait"}""");
        var releasing = pool.RunAsync(action, """{"how":"wait"}""");
        var broken = await pool.RunAsync(action, $$"""{"how":"{{how}}"}""");
        Assert.Equal(SandboxStatus.RunCrashed, broken.Status);
        Assert.Contains(broken.Logs, line => line.Text.Contains(message, StringComparison.Ordinal));
        Assert.False(neighbour.IsCompleted);
        // The process takes nothing more: this one runs, and releases nobody, in another.
        Assert.NotEqual(before, (await pool.RunAsync(action, """{"how":"release"}""")).Answer());
        Assert.False(neighbour.IsCompleted);
        Assert.False(releasing.IsCompleted);
    }

    [Fact]
    public async Task Neighbours_of_a_broken_activation_come_to_their_own_end()
    {
        await using var pool = new TestPool();
        const string Code =
            """
            function main({ ms, fail }) {
              if (fail) return new Promise(() => setTimeout(() => { throw new Error('broken'); }));
              return new Promise((done) => setTimeout(() => done({ ms }), ms));
            }
            """;
        var action = TestPool.Action(Code) with { Concurrency = 10 };
        await pool.RunAsync(action, """{"ms":0}""");
        var neighbour = pool.RunAsync(action, """{"ms":400}""");
        var broken = await pool.RunAsync(action, """{"fail":true}""");
        Assert.Equal(SandboxStatus.RunCrashed, broken.Status);
        Assert.Equal("""{"ms":400}""", (await neighbour).Answer());
    }

    [Fact]
    public async Task A_process_that_one_activation_keeps_busy_gets_no_more_of_them_and_ends_with_its_deadline()
    {
        var time = new FakeTimeProvider();
        await using var pool = new TestPool(options => options with { StallTimeout = TimeSpan.FromMilliseconds(200) }, time);
        var action = TestPool.Action(WaitsOrBreaks) with { Concurrency = 10, Timeout = TimeSpan.FromMinutes(1) };
        var before = (await pool.RunAsync(action)).Answer();
        var neighbour = pool.RunAsync(action, """{"how":"wait"}""");
        time.Advance(TimeSpan.FromSeconds(30));
        var busy = pool.RunAsync(action, """{"how":"loop"}""");
        await WaitUntilAsync(() => pool.Pool.Stalled == 1);
        Assert.NotEqual(before, (await pool.RunAsync(action)).Answer());

        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(SandboxStatus.RunTimedOut, (await neighbour).Status);
        // Its process was held by the other, so that nothing in it could have come to an end.
        Assert.Equal(SandboxStatus.RunCrashed, (await busy).Status);
        await WaitUntilAsync(() => pool.Pool.Stalled == 0);
    }

    [Fact]
    public async Task Large_payloads_and_bursts_do_not_pass_for_a_busy_process()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action("function main(args) { return { length: args.text.length, text: args.text } }") with { Concurrency = 50 };
        var arguments = $$"""{"text":"{{new string('x', 1024 * 1024 - 100)}}"}""";
        await pool.RunAsync(action, """{"text":""}""");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => pool.RunAsync(action, arguments)));
        Assert.All(outcomes, outcome => Assert.Equal(SandboxStatus.Answered, outcome.Status));
        Assert.All(outcomes, outcome => Assert.True(outcome.Result.Length > 1024 * 1024 - 100));
        Assert.Equal(0, pool.Pool.Stalled);
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
