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
    public async Task A_server_that_is_ready_has_written_everything_that_its_start_writes()
    {
        await using var server = await SignalboxServer.StartAsync();

        Assert.True(File.Exists(Path.Combine(server.DataDirectory, "console-link")));
        Assert.True(File.Exists(Path.Combine(server.DataDirectory, "console.json")));
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

    [Fact]
    public async Task A_start_that_fails_after_it_listened_leaves_no_error_of_those_who_probed_it()
    {
        var data = Directory.CreateTempSubdirectory("signalbox-e2e-");
        try
        {
            // Written last, when the server listens already; it cannot be.
            data.CreateSubdirectory("console-link");
            var url = $"http://localhost:{SignalboxServer.FreePort()}";
            await using var process = LeashedProcess.Start("dotnet", [Repository.ServerAssembly, "serve", "--data", data.FullName, "--urls", url]);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ProbeAsync(new Uri(url + "/health"), process)));

            Assert.Equal(1, await process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
            Assert.Contains("console-link", process.Output.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", process.Output.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Health check", process.Output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task ProbeAsync(Uri url, LeashedProcess until)
    {
        using var http = new HttpClient();
        while (!until.HasExited)
        {
            try
            {
                using var response = await http.GetAsync(url);
            }
            catch (HttpRequestException)
            {
                // Not yet, or no longer.
            }
        }
    }

    private static async Task<JsonNode> SandboxAsync(SignalboxServer server, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(server.Address, path));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["checks"]!["sandbox"]!;
    }
}
