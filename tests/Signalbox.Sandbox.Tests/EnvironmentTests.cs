using System.Text.Json;

namespace Signalbox.Sandbox.Tests;

/// <summary>What code finds in its environment (OpenWhisk behaviour, section 6.1).</summary>
public sealed class EnvironmentTests
{
    [Fact]
    public async Task Code_finds_the_actions_variables_and_the_runs_own_and_nothing_else()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action("const atLoad = { ...process.env }; function main() { return { atLoad, atRun: { ...process.env } } }") with
        {
            Environment = new Dictionary<string, string> { ["__OW_API_HOST"] = "http://api", ["GREETING"] = "hi" },
        };
        var first = TestPool.Request() with { Context = new Dictionary<string, string> { ["namespace"] = "guest", ["action_name"] = "/guest/a" } };
        var before = DateTimeOffset.UtcNow;
        await pool.Pool.RunAsync(action, first, CancellationToken.None);
        var second = TestPool.Request() with { Context = new Dictionary<string, string> { ["namespace"] = "guest", ["transaction_id"] = "t2" } };
        var outcome = await pool.Pool.RunAsync(action, second, CancellationToken.None);

        var answer = JsonDocument.Parse(outcome.Answer()).RootElement;
        var atRun = answer.GetProperty("atRun").Deserialize<Dictionary<string, string>>()!;
        Assert.Equal(
            ["GREETING", "HOME", "PATH", "__OW_ACTIVATION_ID", "__OW_API_HOST", "__OW_DEADLINE", "__OW_NAMESPACE", "__OW_TRANSACTION_ID"],
            atRun.Where(pair => pair.Key != "PWD").Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Equal(second.ActivationId, atRun["__OW_ACTIVATION_ID"]);
        Assert.Equal("t2", atRun["__OW_TRANSACTION_ID"]);
        Assert.Equal("hi", atRun["GREETING"]);
        var deadline = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(atRun["__OW_DEADLINE"]));
        Assert.InRange(deadline, before + action.Timeout, DateTimeOffset.UtcNow + action.Timeout);

        var atLoad = answer.GetProperty("atLoad").Deserialize<Dictionary<string, string>>()!;
        Assert.Equal(first.ActivationId, atLoad["__OW_ACTIVATION_ID"]);
        Assert.Equal("/guest/a", atLoad["__OW_ACTION_NAME"]);
    }

    [Fact]
    public async Task Concurrent_runs_each_find_their_own_variables()
    {
        await using var pool = new TestPool();
        var action = TestPool.Action("""
            async function main() {
              const before = process.env.__OW_ACTIVATION_ID;
              await new Promise((done) => setTimeout(done, 20));
              return { before, after: process.env.__OW_ACTIVATION_ID };
            }
            """) with
        { Concurrency = 20 };
        var requests = Enumerable.Range(0, 20).Select(_ => TestPool.Request()).ToList();
        var outcomes = await Task.WhenAll(requests.Select(request => pool.Pool.RunAsync(action, request, CancellationToken.None)));
        Assert.Equal(
            requests.Select(request => $$"""{"before":"{{request.ActivationId}}","after":"{{request.ActivationId}}"}"""),
            outcomes.Select(outcome => outcome.Answer()));
    }

    [Fact]
    public async Task Variables_can_be_changed_by_the_code()
    {
        await using var pool = new TestPool();
        var outcome = await pool.RunAsync("""
            function main() {
              process.env.MINE = 1; process.env.__OW_DEADLINE = 5; delete process.env.__OW_ACTIVATION_ID;
              return { mine: process.env.MINE, deadline: process.env.__OW_DEADLINE, gone: process.env.__OW_ACTIVATION_ID === undefined };
            }
            """);
        Assert.Equal("""{"mine":"1","deadline":"5","gone":true}""", outcome.Answer().Replace(":1,", ":\"1\",", StringComparison.Ordinal));
    }
}
