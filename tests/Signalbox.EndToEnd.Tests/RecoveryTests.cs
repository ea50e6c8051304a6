using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>A dead webhook, from its first failure to the events that it missed, seen from outside.</summary>
public sealed class RecoveryTests
{
    private static readonly TimeSpan _within = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_dead_webhook_is_disabled_its_events_are_kept_and_a_replay_delivers_them_over_a_crash()
    {
        const int Events = 10;
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch { TestClock = true });
        using var client = await ServerClient.SignInAsync(server);
        await using var webhook = await WebhookListener.StartAsync();
        webhook.Respond = (_, _) => Task.FromResult(HttpStatusCode.ServiceUnavailable);
        var type = await PublishedType.CreateAsync(client);
        await using var registration = await type.RegisterWebhookAsync(webhook);

        for (var i = 0; i < Events; i++)
        {
            await type.PublishAsync(null, $"order-{i}");
        }

        await Eventually.HoldsAsync("unstable", async () => await StatusAsync() == "unstable", _within);
        await server.AdvanceClockAsync(TimeSpan.FromSeconds(70));
        await Eventually.HoldsAsync("the first retries", () => webhook.Deliveries.Count(d => d.RetryCount == "1") == Events, _within);
        await server.AdvanceClockAsync(TimeSpan.FromHours(24));
        await client.SignInAsync();
        await Eventually.HoldsAsync("disabled", async () => await StatusAsync() == "hook_unreachable", _within);
        await Eventually.HoldsAsync("the dead letters", async () => await CountDeadLettersAsync() == Events, _within);
        await type.PublishAsync(null, "while disabled");

        var (listed, listCode) = await RunAsync("dead-letters", "list", registration.Id);
        var (refused, refusedCode) = await RunAsync("events", "replay", registration.Id, "--failed-since", "2020-01-01");
        webhook.Respond = (_, _) => Task.FromResult(HttpStatusCode.OK);
        var sent = webhook.Deliveries.Count;
        var enabled = await client.EventsAsync(HttpMethod.Patch, registration.Path, new JsonArray(), "application/json-patch+json");
        var (_, replayCode) = await RunAsync("events", "replay", registration.Id, "--failed-since", "2020-01-01");
        await server.KillAsync();
        await server.RestartAsync();
        await Eventually.HoldsAsync(
            "the missed events", () => webhook.Deliveries.Skip(sent).Select(d => d.EventId).Distinct().Count() == Events, _within);
        var end = await Eventually.FindAsync("the end of the replay", async () =>
            (await client.EventsAsync(HttpMethod.Get, registration.Path + "/replays")).Json["_embedded"]!["replays"]![0] is { } replay
                && replay["state"]!.GetValue<string>() == "done" ? replay : null, _within);
        var history = (await client.EventsAsync(HttpMethod.Get, registration.Path + "/status-history")).Expect(HttpStatusCode.OK).Json;

        Assert.Equal((0, 2, 0), (listCode, refusedCode, replayCode));
        Assert.Contains("retries_exhausted", listed, StringComparison.Ordinal);
        Assert.Contains("update the registration first", refused, StringComparison.Ordinal);
        Assert.Equal("verified", enabled.Expect(HttpStatusCode.OK).Json["webhook_status"]!.GetValue<string>());
        Assert.Equal((Events, Events), (end["total"]!.GetValue<int>(), end["delivered"]!.GetValue<int>()));
        Assert.All(webhook.Deliveries.Skip(sent), d => Assert.Equal(end["id"]!.GetValue<string>(), d.Headers["x-signalbox-replay"]));
        Assert.Equal(0, await CountDeadLettersAsync());
        Assert.Contains("while disabled", (await registration.ReadJournalAsync()).Select(e => e["event"]!["id"]!.GetValue<string>()));
        Assert.Equal(
            ["challenge_answered", "endpoint_still_fails", "endpoint_fails"],
            history["_embedded"]!["status_changes"]!.AsArray().Take(3).Select(c => c!["reason"]!.GetValue<string>()));

        async Task<string> StatusAsync() =>
            (await client.EventsAsync(HttpMethod.Get, registration.Path)).Expect(HttpStatusCode.OK).Json["webhook_status"]!.GetValue<string>();

        async Task<int> CountDeadLettersAsync() =>
            (await client.EventsAsync(HttpMethod.Get, registration.Path + "/dead-letters?limit=100")).Expect(HttpStatusCode.OK)
                .Json["_embedded"]!["dead_letters"]!.AsArray().Count;

        async Task<(string Output, int ExitCode)> RunAsync(params string[] arguments)
        {
            await using var process = LeashedProcess.Start(
                "dotnet", [Repository.ServerAssembly, .. arguments, "--data", server.DataDirectory], new Dictionary<string, string?>());
            var exitCode = await process.WaitForExitAsync(_within);
            return (process.Output.ToString(), exitCode);
        }
    }
}
