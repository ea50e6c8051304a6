using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>What people who write actions type: <c>signalbox invoke</c>, <c>logs</c>.</summary>
public sealed class DeveloperCommandTests(RunningServer running)
{
    private static readonly TimeSpan _within = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Invoke_shows_the_result_the_timing_and_the_lines_and_fails_with_the_action()
    {
        await running.Client.PutActionAsync("dev-invoke", "function main (p) { console.log('asked by ' + p.name); if (p.fail) throw new Error('no lamp'); return { hello: p.name, n: p.n } }");

        var (shown, code) = await RunAsync("invoke", "dev-invoke", "--param", "name", "Ada", "--param", "n", "3");
        var (json, _) = await RunAsync("invoke", "dev-invoke", "-p", "name", "Ada", "--json");
        var (result, _) = await RunAsync("invoke", "dev-invoke", "-p", "name", "Ada", "--result");
        var (failed, failedCode) = await RunAsync("invoke", "dev-invoke", "-p", "fail", "true");
        var (_, missingCode) = await RunAsync("invoke", "dev-no-such-action");

        Assert.Equal(0, code);
        Assert.Contains("\"hello\": \"Ada\"", shown, StringComparison.Ordinal);
        Assert.Contains("\"n\": 3", shown, StringComparison.Ordinal);
        Assert.Matches(@"wait \d+ ms  \|  init \d+ ms \(cold\)  \|  run \d+ ms", shown);
        Assert.Contains("asked by Ada", shown, StringComparison.Ordinal);
        var record = JsonNode.Parse(json)!;
        Assert.False(record["timing"]!["isCold"]!.GetValue<bool>());
        Assert.Contains("asked by Ada", record["logs"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("Ada", JsonNode.Parse(result)!["hello"]!.GetValue<string>());
        Assert.Equal(1, failedCode);
        Assert.Contains("no lamp", failed, StringComparison.Ordinal);
        Assert.Equal(2, missingCode);
    }

    [Fact]
    public async Task Followed_logs_come_while_the_action_still_runs_and_later_from_its_record()
    {
        await running.Client.PutActionAsync("dev-follow", "function main () { console.log('started'); return new Promise((done) => setTimeout(done, 600000)) }", new JsonObject { ["timeout"] = 3_000 });
        await using var follower = Start("logs", "--follow", "dev-follow");
        await Eventually.HoldsAsync("the open stream", () => follower.Output.ToString().Contains("Following", StringComparison.Ordinal));

        var (id, _) = await RunAsync("invoke", "dev-follow", "--no-wait");
        await Eventually.HoldsAsync("the line", () => follower.Output.ToString().Contains("started", StringComparison.Ordinal));
        Assert.DoesNotContain("time limits", follower.Output.ToString(), StringComparison.Ordinal);
        await Eventually.HoldsAsync("the end", () => follower.Output.ToString().Contains("time limits", StringComparison.Ordinal));
        var (logs, code) = await RunAsync("logs", id.Trim());

        Assert.Equal(0, code);
        Assert.Contains("started", logs, StringComparison.Ordinal);
    }

    private async Task<(string Output, int ExitCode)> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        var exitCode = await process.WaitForExitAsync(_within);
        return (process.Output.ToString(), exitCode);
    }

    private LeashedProcess Start(params string[] arguments) => LeashedProcess.Start(
        "dotnet",
        [Repository.ServerAssembly, .. arguments, "--data", running.Server.DataDirectory],
        new Dictionary<string, string?> { ["NO_COLOR"] = "1" });
}
