using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Signalbox.Testing;

namespace Signalbox.EndToEnd.Tests;

/// <summary>What was acknowledged survives a crash at any instruction.</summary>
public sealed class NothingLostTests
{
    private const int Kills = 10;

    /// <summary>What an action did to the world is kept by the world, not by the server that is killed.</summary>
    private const string Receive = """
        async function main ({ event, ledger }) {
          await fetch(ledger, { method: 'POST', body: JSON.stringify(event) })
          return { statusCode: 200, body: 'ok' }
        }
        """;

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Every_acknowledged_event_is_delivered_and_journaled_though_the_server_is_killed_ten_times(TestEngine engine)
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch
        {
            TestClock = true,
            Settings = ["--network", "host"],
            PostgresConnectionString = engine == TestEngine.Postgresql ? PostgresServer.Instance.CreateDatabase() : null,
        });
        using var client = await ServerClient.SignInAsync(server);
        await using var webhook = await WebhookListener.StartAsync();
        await using var ledger = await WebhookListener.StartAsync();
        await client.PutActionAsync("shop/receive", Receive, parameters: new JsonObject { ["ledger"] = ledger.Url.AbsoluteUri });
        var type = await PublishedType.CreateAsync(client);
        var toWebhook = await type.RegisterWebhookAsync(webhook);
        var toAction = await type.RegisterActionAsync("shop/receive");

        var acknowledged = await PublishWhileKillingAsync(server, type);

        // Retries of what was under way in a crash are due in minutes of the server's clock, which this test moves.
        await EveryoneAsync(server, "delivered to the webhook", acknowledged.Keys, webhook);
        await EveryoneAsync(server, "delivered to the action", acknowledged.Keys, ledger);
        Assert.Empty(acknowledged.Keys.Except(await JournaledAsync(toWebhook)));
        Assert.Empty(acknowledged.Keys.Except(await JournaledAsync(toAction)));
        TestContext.Current.SendDiagnosticMessage($"{acknowledged.Count} events acknowledged, {webhook.Deliveries.Count} deliveries to the webhook");
    }

    private static async Task<ConcurrentDictionary<string, bool>> PublishWhileKillingAsync(SignalboxServer server, PublishedType type)
    {
        // A fixed seed: the moments of the kills differ from each other, not from run to run.
        var random = new Random(20_260_101);
        var acknowledged = new ConcurrentDictionary<string, bool>();
        using var done = new CancellationTokenSource();
        var publishing = Task.WhenAll(Enumerable.Range(0, 4).Select(publisher => PublishAsync(publisher, type, acknowledged, done.Token)));
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = acknowledged.Count;
            await Eventually.HoldsAsync("publishing again after a restart", () => acknowledged.Count > before + 10, otherwise: () => server.Output);
            await Task.Delay(random.Next(300, 1_000));
            await server.KillAsync();
            await server.RestartAsync();
        }

        var last = acknowledged.Count;
        await Eventually.HoldsAsync("publishing after the last restart", () => acknowledged.Count > last);
        await done.CancelAsync();
        await publishing;
        return acknowledged;
    }

    /// <summary>Publishes without end, a new event each time, and notes which were acknowledged.</summary>
    private static async Task PublishAsync(int publisher, PublishedType type, ConcurrentDictionary<string, bool> acknowledged, CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(40));
        for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            var id = string.Create(CultureInfo.InvariantCulture, $"order-{publisher}-{number}");
            try
            {
                var answer = await type.TryPublishAsync(id, new JsonObject { ["number"] = number });
                if (answer.Status == HttpStatusCode.OK)
                {
                    acknowledged[id] = true;
                }
                else
                {
                    Assert.Fail($"A publish was refused: {answer}");
                }
            }
            catch (HttpRequestException)
            {
                // The server was killed or is not back yet: not acknowledged, so nothing is promised.
            }
        }
    }

    private static async Task EveryoneAsync(SignalboxServer server, string what, IEnumerable<string> acknowledged, WebhookListener arrived)
    {
        var missing = acknowledged.ToHashSet(StringComparer.Ordinal);
        await Eventually.HoldsAsync(
            $"every acknowledged event {what}",
            async () =>
            {
                missing.ExceptWith(arrived.Deliveries.Select(d => d.EventId));
                if (missing.Count > 0)
                {
                    await server.AdvanceClockAsync(TimeSpan.FromSeconds(1));
                }

                return missing.Count == 0;
            },
            TimeSpan.FromSeconds(60),
            () => $"Missing {missing.Count}: {string.Join(", ", missing.Take(5))}");
    }

    private static async Task<IEnumerable<string>> JournaledAsync(Registration registration) =>
        (await registration.ReadJournalAsync()).Select(e => e["event"]!["id"]!.GetValue<string>());
}
