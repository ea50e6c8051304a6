using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Signalbox.Testing;

namespace Signalbox.EndToEnd.Tests;

/// <summary>Stopping and starting on the same data.</summary>
public sealed class RestartTests
{
    private const string Receive = "function main ({ event }) { return { statusCode: 200, body: event.id } }";

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_restart_keeps_credentials_actions_registrations_and_events(TestEngine engine)
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch
        {
            PostgresConnectionString = engine == TestEngine.Postgresql ? PostgresServer.Instance.CreateDatabase() : null,
        });
        using var client = await ServerClient.SignInAsync(server);
        await client.PutActionAsync("shop/receive", Receive);
        var type = await PublishedType.CreateAsync(client);
        var registration = await type.RegisterActionAsync("shop/receive");
        await type.PublishAsync(null, "before");
        var keys = (await registration.FindTraceAsync("before"))["trace"]!["tracingRequest"]!["requestHeaders"]!["x-adobe-public-key1-path"]!.ToJsonString();
        var document = ConsoleDocument.Read(server.DataDirectory);

        await server.StopAsync(TimeSpan.FromSeconds(30));
        await server.RestartAsync();

        // The old token is still good, so is the secret, and the signing keys are the same.
        Assert.Equal(document, ConsoleDocument.Read(server.DataDirectory));
        (await client.EventsAsync(HttpMethod.Get, registration.Path)).Expect(HttpStatusCode.OK);
        await client.SignInAsync();
        await type.PublishAsync(null, "after");
        var after = await registration.FindTraceAsync("after");
        Assert.Equal(200, after["trace"]!["tracingResponse"]!["responseCode"]!.GetValue<int>());
        Assert.Equal(keys, after["trace"]!["tracingRequest"]!["requestHeaders"]!["x-adobe-public-key1-path"]!.ToJsonString());
        Assert.Equal(["before", "after"], (await registration.ReadJournalAsync()).Select(e => e["event"]!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_later_start_is_ready_in_a_moment_and_SIGTERM_ends_it_with_0()
    {
        await using var server = await SignalboxServer.StartAsync();
        using var client = await ServerClient.SignInAsync(server);
        await client.PutActionAsync("shop/receive", Receive);
        (await client.RuntimeAsync(HttpMethod.Post, "/actions/shop/receive?blocking=true", new JsonObject { ["event"] = new JsonObject() })).Expect(HttpStatusCode.OK);

        var clock = Stopwatch.StartNew();
        var exitCode = await server.StopAsync(TimeSpan.FromSeconds(30));
        var stoppedAfter = clock.Elapsed;
        await server.RestartAsync();

        Assert.Equal(0, exitCode);
        TestContext.Current.SendDiagnosticMessage($"stopped after {stoppedAfter.TotalMilliseconds:F0} ms, ready after {server.ReadyAfter.TotalMilliseconds:F0} ms");

        // Two seconds on a machine of one's own; here others may be at work.
        Assert.InRange(stoppedAfter, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(server.ReadyAfter, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task SIGTERM_lets_a_running_invocation_end()
    {
        await using var server = await SignalboxServer.StartAsync();
        using var client = await ServerClient.SignInAsync(server);
        await client.PutActionAsync("shop/waits", "function main () { return new Promise(resolve => setTimeout(() => resolve({ waited: true }), 2000)) }");
        var invoking = client.RuntimeAsync(HttpMethod.Post, "/actions/shop/waits?blocking=true&result=true", new JsonObject());
        await client.PutActionAsync("shop/receive", Receive);

        var exitCode = await server.StopAsync(TimeSpan.FromSeconds(30));
        var answer = await invoking;

        Assert.Equal(0, exitCode);
        Assert.True(answer.Expect(HttpStatusCode.OK).Json["waited"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_killed_server_leaves_no_process_of_an_action_behind()
    {
        await using var server = await SignalboxServer.StartAsync();
        using var client = await ServerClient.SignInAsync(server);
        await client.PutActionAsync("shop/receive", Receive);
        (await client.RuntimeAsync(HttpMethod.Post, "/actions/shop/receive?blocking=true", new JsonObject { ["event"] = new JsonObject() })).Expect(HttpStatusCode.OK);
        Assert.NotEmpty(ProcessesOf(server));

        await server.KillAsync();

        await Eventually.HoldsAsync("the end of the sandboxes", () => ProcessesOf(server).Count == 0, otherwise: () => string.Join('\n', ProcessesOf(server)));
    }

    /// <summary>The command lines of the processes that name the server's data folder.</summary>
    private static IReadOnlyList<string> ProcessesOf(SignalboxServer server)
    {
        var found = new List<string>();
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => Path.GetFileName(f).All(char.IsAsciiDigit)))
        {
            try
            {
                var commandLine = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
                if (commandLine.Contains(server.DataDirectory, StringComparison.Ordinal))
                {
                    found.Add(commandLine);
                }
            }
            catch (IOException)
            {
                // Ended while it was looked at.
            }
        }

        return found;
    }
}
