using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>What people who write actions type: <c>signalbox invoke</c>, <c>logs</c>, <c>dev</c>.</summary>
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

    [Fact]
    public async Task Dev_deploys_a_folder_redeploys_what_changes_and_shows_what_it_prints()
    {
        var app = Directory.CreateTempSubdirectory("signalbox-app-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(app.FullName, "lamp.js"), "exports.colour = 'red'");
            await File.WriteAllTextAsync(Path.Combine(app.FullName, "show.js"), "const lamp = require('./lamp'); exports.main = (p) => { console.log('lamp is ' + lamp.colour); return { body: lamp.colour } }");
            await File.WriteAllTextAsync(Path.Combine(app.FullName, "app.config.yaml"), """
                application:
                  runtimeManifest:
                    packages:
                      devshop:
                        actions:
                          show: { function: show.js, web: 'yes' }
                          broken: { function: missing.js }
                        sequences: { twice: { actions: 'show, show' } }
                        rules: { r: { } }
                """);
            await using var dev = Start("dev", app.FullName);
            await Eventually.HoldsAsync("the deployment", () => dev.Output.ToString().Contains("Watching", StringComparison.Ordinal), _within, () => dev.Output.ToString());
            Assert.Contains($"/api/v1/web/{running.Client.Console.Namespace}/devshop/show", dev.Output.ToString(), StringComparison.Ordinal);
            Assert.Contains("rules are not built", dev.Output.ToString(), StringComparison.Ordinal);
            Assert.Matches("failed .*devshop/broken", dev.Output.ToString());

            var (before, _) = await RunAsync("invoke", "devshop/twice");
            await Eventually.HoldsAsync("the line", () => dev.Output.ToString().Contains("lamp is red", StringComparison.Ordinal), _within, () => dev.Output.ToString());
            await File.WriteAllTextAsync(Path.Combine(app.FullName, "lamp.js"), "exports.colour = 'green'");
            await Eventually.HoldsAsync("the new deployment", () => dev.Output.ToString().Contains("redeployed action   devshop/show", StringComparison.Ordinal), _within, () => dev.Output.ToString());
            var (after, _) = await RunAsync("invoke", "devshop/show", "--result");

            Assert.Contains("red", before, StringComparison.Ordinal);
            Assert.Contains("green", after, StringComparison.Ordinal);
        }
        finally
        {
            app.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_sample_is_deployed_and_called_as_the_readme_says()
    {
        var (deployed, deployedCode) = await RunAsync("dev", Path.Combine(Repository.Root, "samples", "hello"), "--once");
        var (result, code) = await RunAsync("invoke", "shop/hello", "--param", "name", "Ada", "--result");

        Assert.True(deployedCode == 0, deployed);
        Assert.Equal(0, code);
        Assert.Contains("Hello, Ada!", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dev_says_at_once_what_does_not_load_in_which_file_and_line()
    {
        var app = Directory.CreateTempSubdirectory("signalbox-app-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(app.FullName, "part.js"), "exports.a = 1;\nconsole.log('part');\nexports.b = missing;\n");
            await File.WriteAllTextAsync(Path.Combine(app.FullName, "whole.js"), "const part = require('./part');\nexports.main = () => part;\n");
            await File.WriteAllTextAsync(Path.Combine(app.FullName, "syntax.js"), "function main() {\n  return {{;\n}\n");
            await File.WriteAllTextAsync(Path.Combine(app.FullName, "good.js"), "function main() { return {} }");
            await File.WriteAllTextAsync(
                Path.Combine(app.FullName, "manifest.yml"),
                "packages:\n  devload:\n    actions:\n      whole: { function: whole.js }\n      syntax: { function: syntax.js }\n      good: { function: good.js }\n");

            var (output, code) = await RunAsync("dev", app.FullName, "--once");

            Assert.Equal(1, code);
            Assert.Matches("broken .*devload/whole", output);
            Assert.Contains("missing is not defined", output, StringComparison.Ordinal);
            Assert.Contains(Path.Combine(app.FullName, "part.js") + ":3", output, StringComparison.Ordinal);
            Assert.Matches("broken .*devload/syntax", output);
            Assert.Contains(Path.Combine(app.FullName, "syntax.js") + ":2", output, StringComparison.Ordinal);
            Assert.DoesNotMatch("broken .*devload/good", output);
        }
        finally
        {
            app.Delete(recursive: true);
        }
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
