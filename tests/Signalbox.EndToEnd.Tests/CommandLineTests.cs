using System.Globalization;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>The commands that people type: <c>aio rt …</c>, and Signalbox's own.</summary>
public sealed class CommandLineTests(RunningServer running) : IDisposable
{
    private readonly NodeClient _client = new(running.Server);

    [Fact]
    public async Task Aio_creates_and_invokes_an_action_and_shows_its_activation_and_logs()
    {
        await File.WriteAllTextAsync(Path.Combine(_client.Home, "hello.js"), "function main ({ name }) { console.log(`hello to ${name}`); return { hello: name } }");

        var created = await _client.AioAsync("rt", "action", "create", "aio-hello", "hello.js", "--json");
        var listed = await _client.AioAsync("rt", "action", "list");
        var invoked = await _client.AioAsync("rt", "action", "invoke", "aio-hello", "--param", "name", "Ada", "--result");
        var started = await _client.AioAsync("rt", "action", "invoke", "aio-hello", "--param", "name", "Grace");
        var id = JsonNode.Parse(started[started.IndexOf('{', StringComparison.Ordinal)..])!["activationId"]!.GetValue<string>();
        await Eventually.HoldsAsync("the activation", async () => (await running.Client.RuntimeAsync(HttpMethod.Get, $"/activations/{id}")).Status == System.Net.HttpStatusCode.OK);
        var activation = await _client.AioAsync("rt", "activation", "get", id);
        var activations = await _client.AioAsync("rt", "activation", "list", "--limit", "10");
        var logs = await _client.AioAsync("rt", "activation", "logs", id);
        var everything = await _client.AioAsync("rt", "list");
        await _client.AioAsync("rt", "action", "delete", "aio-hello");

        Assert.Contains("\"name\": \"aio-hello\"", created, StringComparison.Ordinal);
        Assert.Contains("aio-hello", listed, StringComparison.Ordinal);
        Assert.Contains("\"hello\": \"Ada\"", invoked, StringComparison.Ordinal);
        Assert.Contains("\"hello\": \"Grace\"", activation, StringComparison.Ordinal);
        Assert.Contains(id, activations, StringComparison.Ordinal);
        Assert.Contains("hello to Grace", logs, StringComparison.Ordinal);
        Assert.Contains("aio-hello", everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_exports_of_env_point_the_openwhisk_package_at_the_server()
    {
        var script = Path.Combine(_client.Home, "list.mjs");
        await File.WriteAllTextAsync(script, $"""
            import openwhisk from '{Repository.Clients}/node_modules/openwhisk/lib/main.js'
            console.log(JSON.stringify(await openwhisk().namespaces.list()))
            """);

        var printed = await _client.RunAsync(
            "bash",
            ["-c", "unset ${!__OW_@} ${!AIO_@}; exports=$(dotnet \"$SERVER\" env --data \"$DATA\") || exit 9; eval \"$exports\"; node \"$SCRIPT\"; echo \"$AIO_RUNTIME_NAMESPACE $USE_RUNTIME_AUTH\""],
            [("SERVER", Repository.ServerAssembly), ("DATA", running.Server.DataDirectory), ("SCRIPT", script)]);

        Assert.Contains($"[\"{running.Client.Console.Namespace}\"]", printed, StringComparison.Ordinal);
        Assert.Contains($"{running.Client.Console.Namespace} 1", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_tells_its_whole_story()
    {
        var printed = await _client.RunAsync("dotnet", [Repository.ServerAssembly, "demo", "--once"], []);

        Assert.DoesNotContain("FAILED", printed, StringComparison.Ordinal);
        Assert.Contains("the action did not run", printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve", "--no-such-option")]
    [InlineData("serve", "--urls", "nonsense")]
    [InlineData("serve", "--test-clock", "--urls", "http://0.0.0.0:0")]
    [InlineData("serve", "--Events:NoSuchKey", "1")]
    [InlineData("env", "--data", "/nowhere/at/all")]
    [InlineData("serve", "--log-format", "xml")]
    [InlineData("serve", "--Events:JournalRetention", "7")]
    [InlineData("events", "replay", "list", "--limit", "many")]
    [InlineData("keys", "rotate", "--slot", "3")]
    [InlineData("no-such-command")]
    public async Task A_command_that_cannot_be_obeyed_says_why_and_ends_with_an_error(params string[] arguments)
    {
        await using var process = LeashedProcess.Start("dotnet", [Repository.ServerAssembly, .. arguments], new Dictionary<string, string?> { ["SIGNALBOX_DATA"] = Path.Combine(_client.Home, "data") });
        var exitCode = await process.WaitForExitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(2, exitCode);
        Assert.NotEmpty(process.Output.ToString());
        Assert.DoesNotContain("   at ", process.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_servers_cannot_share_a_data_folder()
    {
        await using var process = LeashedProcess.Start(
            "dotnet",
            [Repository.ServerAssembly, "serve", "--data", running.Server.DataDirectory, "--urls", string.Create(CultureInfo.InvariantCulture, $"http://localhost:{30_000 + (running.Server.Address.Port % 1_000)}")]);
        var exitCode = await process.WaitForExitAsync(TimeSpan.FromSeconds(30));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(running.Server.DataDirectory, process.Output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _client.Dispose();
}
