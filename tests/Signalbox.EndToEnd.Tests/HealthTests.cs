using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>What <c>/health/ready</c> says of the sandbox.</summary>
public sealed class HealthTests(RunningServer running)
{
    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    public async Task Isolated_actions_are_healthy_and_the_protections_are_named(string path)
    {
        var sandbox = await SandboxAsync(running.Server, path);

        Assert.Equal("Healthy", (string?)sandbox["status"]);
        Assert.Contains("nodejs:20", (string?)sandbox["description"], StringComparison.Ordinal);
        Assert.Contains("system call filter", (string?)sandbox["description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_actions_are_told_with_what_is_missing_and_the_remedy()
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch { Settings = ["--Sandbox:Bubblewrap", "no-such-bwrap"] });

        var sandbox = await SandboxAsync(server, "/health/ready");

        Assert.Equal("Degraded", (string?)sandbox["status"]);
        Assert.Contains("Actions are refused", (string?)sandbox["description"], StringComparison.Ordinal);
        Assert.Contains("no 'no-such-bwrap' on PATH; install it", (string?)sandbox["description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Actions_without_isolation_are_a_warning()
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch { Settings = ["--sandbox", "none"] });

        var sandbox = await SandboxAsync(server, "/health/ready");

        Assert.Equal("Degraded", (string?)sandbox["status"]);
        Assert.Contains("without isolation, for development only", (string?)sandbox["description"], StringComparison.Ordinal);
    }

    private static async Task<JsonNode> SandboxAsync(SignalboxServer server, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(server.Address, path));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["checks"]!["sandbox"]!;
    }
}
