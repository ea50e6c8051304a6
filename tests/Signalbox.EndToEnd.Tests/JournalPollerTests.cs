using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Signalbox.Testing;

namespace Signalbox.EndToEnd.Tests;

/// <summary>
/// The poller of the unmodified <c>@adobe/aio-lib-events</c>, while events are published, the server is killed, its clock
/// jumps and retention passes. <c>SIGNALBOX_POLLER_MINUTES</c> asks for the long form.
/// </summary>
public sealed class JournalPollerTests
{
    private const int ShortRounds = 3;
    private const int EventsPerRound = 120;
    private const string Last = "last";

    private static readonly TimeSpan _retention = TimeSpan.FromDays(7);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_poller_neither_misses_nor_repeats_an_event_over_kills_jumps_of_the_clock_and_retention(TestEngine engine)
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch
        {
            TestClock = true,
            Settings = ["--Sandbox:PrestartedProcesses", "0"],
            PostgresConnectionString = engine == TestEngine.Postgresql ? PostgresServer.Instance.CreateDatabase() : null,
        });
        using var client = await ServerClient.SignInAsync(server);
        using var node = new NodeClient(server);
        var type = await PublishedType.CreateAsync(client);
        var journal = await type.RegisterJournalAsync();
        var seen = Path.Combine(node.Home, "seen");
        await File.WriteAllTextAsync(seen, string.Empty);
        var length = TimeSpan.FromMinutes(MinutesOfTheLongForm());
        using var ended = new CancellationTokenSource();
        var polling = node.ReportAsync(
            length + TimeSpan.FromMinutes(3), ended.Token, "events.mjs", "follow", ("JOURNAL", journal.JournalPath), ("SEEN", seen));
        try
        {
            await ObserveAsync(server, client, type, journal, seen, length, polling);
        }
        finally
        {
            await ended.CancelAsync();
            await polling.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static async Task ObserveAsync(
        SignalboxServer server, ServerClient client, PublishedType type, Registration journal, string seen, TimeSpan length, Task<JsonNode> polling)
    {
        var acknowledged = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var tried = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);

        var clock = Stopwatch.StartNew();
        for (var round = 0; round < ShortRounds || clock.Elapsed < length; round++)
        {
            await PublishWhileKilledAsync(server, type, round, acknowledged, tried);
            // An hour while the poller is at work; beyond the retention once it has all: what it had not read would be lost.
            await server.AdvanceClockAsync(TimeSpan.FromHours(1));
            await AwaitAllAsync(client, journal, seen, acknowledged.Keys, polling);
            if (round % 2 == 1)
            {
                await server.AdvanceClockAsync(_retention + TimeSpan.FromMinutes(2));
                await Eventually.HoldsAsync("the pass of retention", () => HasExpiredAsync(client), _patience);
            }

            await client.SignInAsync();
        }

        await type.PublishAsync(null, Last);
        var report = await polling;

        var lines = Read(seen);
        var ids = lines.Select(l => l.Id).ToList();
        TestContext.Current.SendDiagnosticMessage(
            $"{lines.Count} events in {clock.Elapsed.TotalMinutes:F1} minutes; the poller was broken off {report["broken"]} times, by {report["refused"]}");
        Assert.Empty(acknowledged.Keys.Except(ids));
        Assert.Empty(ids.Except(tried.Keys.Append(Last)));
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(lines.Count, lines.Select(l => l.Position).Distinct().Count());
        // No position that it came from was refused, neither as unknown (400) nor as expired (410). A token is, in time.
        Assert.DoesNotContain(report["refused"]!.AsArray().Select(r => r!.GetValue<string>()), status => status is "400" or "404" or "410");
        // And what is still kept stands where it stood, in the same order.
        var kept = (await journal.ReadJournalAsync()).Select(e => new Line(e["position"]!.GetValue<string>(), e["event"]!["id"]!.GetValue<string>())).ToList();
        Assert.NotEmpty(kept);
        Assert.Equal(lines.TakeLast(kept.Count), kept);
    }

    /// <summary>Publishes from four sides; midway the server is killed and started again.</summary>
    private static async Task PublishWhileKilledAsync(
        SignalboxServer server, PublishedType type, int round,
        ConcurrentDictionary<string, bool> acknowledged, ConcurrentDictionary<string, bool> tried)
    {
        var next = 0;
        var before = acknowledged.Count;
        var restarted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var publishing = Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && acknowledged.Count < before + EventsPerRound)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{round}-{number}");
                tried[id] = true;
                if (await IsAcknowledgedAsync(type, id))
                {
                    acknowledged[id] = true;
                }
                else
                {
                    await restarted.Task.WaitAsync(_patience);
                }
            }
        }));
        await Eventually.HoldsAsync("half of the round", () => acknowledged.Count >= before + (EventsPerRound / 2), _patience);
        await server.KillAsync();
        await server.RestartAsync();
        restarted.SetResult();
        await publishing;
    }

    private static async Task<bool> IsAcknowledgedAsync(PublishedType type, string id)
    {
        try
        {
            return (await type.TryPublishAsync(id, new JsonObject { ["text"] = new string('x', 300) })).Status == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            // The server is gone: the event may be stored or not.
            return false;
        }
    }

    private static async Task AwaitAllAsync(
        ServerClient client, Registration journal, string seen, IEnumerable<string> acknowledged, Task<JsonNode> polling)
    {
        List<string> Missing() => [.. acknowledged.Except(Read(seen).Select(l => l.Id))];
        try
        {
            await Eventually.HoldsAsync(
                "every acknowledged event at the poller",
                async () =>
                {
                    if (polling.IsCompleted)
                    {
                        await polling;
                        throw new Xunit.Sdk.XunitException("The poller ended before its last event.");
                    }

                    return Missing().Count == 0;
                },
                _patience);
        }
        catch (TimeoutException)
        {
            // Whose fault is it: the journal's, or the poller's?
            await client.SignInAsync();
            var kept = (await journal.ReadJournalAsync()).Select(e => $"{e["position"]} {e["event"]!["id"]}").ToList();
            Assert.Fail($"The poller lacks {string.Join(", ", Missing())}. It has {string.Join(", ", Read(seen).TakeLast(5))}. The journal: {string.Join(", ", kept.TakeLast(200))}");
        }
    }

    private static async Task<bool> HasExpiredAsync(ServerClient client)
    {
        var metrics = (await client.SendAsync(HttpMethod.Get, "/metrics", null)).Expect(HttpStatusCode.OK);
        return metrics.Text.Split('\n').Any(line => line.StartsWith("signalbox_events_expired", StringComparison.Ordinal));
    }

    /// <summary>The whole lines of the file; the last one may be half written.</summary>
    private static IReadOnlyList<Line> Read(string seen) =>
        [.. File.ReadAllText(seen).Split('\n')[..^1].Select(line => new Line(line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]))];

    private static double MinutesOfTheLongForm() =>
        double.TryParse(Environment.GetEnvironmentVariable("SIGNALBOX_POLLER_MINUTES"), CultureInfo.InvariantCulture, out var minutes) ? minutes : 0;

    /// <summary>An event as the poller got it.</summary>
    private sealed record Line(string Position, string Id);
}
