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

    private const string Receive = "function main ({ event }) { console.log(`got ${event.id}`); return { statusCode: 200, body: 'ok' } }";

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Every_acknowledged_event_is_delivered_and_journaled_though_the_server_is_killed_ten_times(TestEngine engine)
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch
        {
            TestClock = true,
            PostgresConnectionString = engine == TestEngine.Postgresql ? PostgresServer.Instance.CreateDatabase() : null,
        });
        using var client = await ServerClient.SignInAsync(server);
        await client.PutActionAsync("shop/receive", Receive);
        await using var webhook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(client);
        var toWebhook = await type.RegisterWebhookAsync(webhook);
        var toAction = await type.RegisterActionAsync("shop/receive");

        var acknowledged = await PublishWhileKillingAsync(server, type);

        // Retries of what was under way in a crash are due in minutes of the server's clock, which this test moves.
        var missing = acknowledged.Keys.ToHashSet(StringComparer.Ordinal);
        await EveryoneAsync(server, "delivered to the webhook", missing, () => Task.FromResult(webhook.Deliveries.Select(d => d.EventId)));
        missing = acknowledged.Keys.ToHashSet(StringComparer.Ordinal);
        await EveryoneAsync(server, "delivered to the action", missing, async () => await ReceivedByActionAsync(client));
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

    private static async Task EveryoneAsync(SignalboxServer server, string what, HashSet<string> missing, Func<Task<IEnumerable<string>>> arrived)
    {
        await Eventually.HoldsAsync(
            $"every acknowledged event {what}",
            async () =>
            {
                missing.ExceptWith(await arrived());
                if (missing.Count > 0)
                {
                    await server.AdvanceClockAsync(TimeSpan.FromSeconds(1));
                }

                return missing.Count == 0;
            },
            TimeSpan.FromSeconds(120),
            () => $"Missing {missing.Count}: {string.Join(", ", missing.Take(5))}");
    }

    private static async Task<IEnumerable<string>> ReceivedByActionAsync(ServerClient client)
    {
        const string mark = "stdout: got ";
        return from record in await client.ListActivationsAsync("shop/receive")
               from line in record["logs"]!.AsArray().Select(l => l!.GetValue<string>())
               where line.Contains(mark, StringComparison.Ordinal)
               select line[(line.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..];
    }

    private static async Task<IEnumerable<string>> JournaledAsync(Registration registration) =>
        (await registration.ReadJournalAsync()).Select(e => e["event"]!["id"]!.GetValue<string>());
}
