using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests.Crashes;

/// <summary>
/// The oracle: what the server acknowledged, what an endpoint outside of it received, and whether the two agree. It knows
/// nothing of the server's inside.
/// </summary>
/// <remarks>
/// Three kinds of events: <c>plain</c> ones are taken at once, <c>flaky</c> ones at their third attempt, and <c>bad</c>
/// ones are refused for good.
/// </remarks>
internal sealed class CrashLedger : IAsyncDisposable
{
    private static readonly string[] _kinds = ["plain", "flaky", "plain", "bad"];

    private ServerClient _client;
    private readonly WebhookListener _webhook;
    private readonly PublishedType _type;
    private Registration _registration;
    private readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(StringComparer.Ordinal);
    private int _published;

    private CrashLedger(ServerClient client, WebhookListener webhook, PublishedType type, Registration registration)
    {
        (_client, _webhook, _type, _registration) = (client, webhook, type, registration);
        webhook.Respond = (delivery, _) => Task.FromResult(Judge(delivery.EventId));
    }

    /// <summary>How many events were acknowledged.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Requests that the endpoint got for events that it had taken already.</summary>
    public int Repeats => _attempts.Sum(a => Math.Max(0, a.Value - (a.Key.StartsWith("flaky", StringComparison.Ordinal) ? 3 : 1)));

    public static async Task<CrashLedger> OpenAsync(SignalboxServer server)
    {
        var client = await ServerClient.SignInAsync(server);
        var webhook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(client);
        return new CrashLedger(client, webhook, type, await type.RegisterWebhookAsync(webhook));
    }

    /// <summary>
    /// Publishes from four sides, moving the clock a minute at a time so that retries fall due, until enough is
    /// acknowledged or the server has ended.
    /// </summary>
    public async Task PublishAsync(SignalboxServer server, Func<bool> isEnough)
    {
        await SignInAsync(server);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        bool IsOver() => isEnough() || server.HasEnded || end.IsCancellationRequested;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!IsOver())
            {
                await PublishOneAsync();
            }
        }).Append(MoveClockAsync(server, IsOver)));
    }

    /// <summary>Publishes one event; true when it was acknowledged.</summary>
    public async Task<bool> PublishOneAsync()
    {
        var number = Interlocked.Increment(ref _published);
        var id = string.Create(CultureInfo.InvariantCulture, $"{_kinds[number % _kinds.Length]}-{number}");
        try
        {
            var answer = await _type.TryPublishAsync(id, new JsonObject { ["number"] = number });
            if (answer.Status == HttpStatusCode.OK)
            {
                _acknowledged[id] = true;
                return true;
            }

            // Refused with "not now": nothing was promised. Anything else is a fault of its own.
            Assert.True(answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests, answer.ToString());
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            // The server is gone: not acknowledged, so nothing is promised.
        }

        return false;
    }

    /// <summary>Another server has taken over.</summary>
    public void Follow(SignalboxServer successor)
    {
        _client.Dispose();
        _client = new ServerClient(successor);
        _registration = new Registration(_client, _registration.Created);
    }

    /// <summary>
    /// Accounts for every acknowledged event: it stands in the journal, and it was taken by the endpoint or, if bad,
    /// refused by it. What is only scheduled yet becomes due, as the clock is moved.
    /// </summary>
    public async Task AccountAsync(SignalboxServer server)
    {
        await SignInAsync(server);
        var open = _acknowledged.Keys.ToHashSet(StringComparer.Ordinal);
        await Eventually.HoldsAsync(
            "an account of every acknowledged event",
            async () =>
            {
                open.RemoveWhere(IsSettled);
                if (open.Count > 0)
                {
                    await server.AdvanceClockAsync(TimeSpan.FromMinutes(1));
                    await Task.Delay(TimeSpan.FromMilliseconds(50));
                }

                return open.Count == 0;
            },
            TimeSpan.FromSeconds(90),
            () => $"{open.Count} of {Acknowledged} are unaccounted for: {string.Join(", ", open.Order().Take(8))}. The server printed:\n{server.Output}");
        await SignInAsync(server);
        var journaled = (await _registration.ReadJournalAsync()).Select(e => e["event"]!["id"]!.GetValue<string>()).ToList();
        Assert.Empty(_acknowledged.Keys.Except(journaled));
        Assert.Equal(journaled.Distinct().Count(), journaled.Count);
        TestContext.Current.SendDiagnosticMessage(
            $"{Acknowledged} events acknowledged, 0 unaccounted, {_webhook.Deliveries.Count} requests to the endpoint, {Repeats} repeats");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _webhook.DisposeAsync();
    }

    private static async Task MoveClockAsync(SignalboxServer server, Func<bool> isOver)
    {
        while (!isOver())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
            try
            {
                await server.AdvanceClockAsync(TimeSpan.FromMinutes(1));
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                continue;
            }
        }
    }

    /// <summary>The clock may have passed the last token's end; a store that was just cut off says "not now" first.</summary>
    private Task SignInAsync(SignalboxServer server) => Eventually.HoldsAsync(
        "a token",
        async () =>
        {
            try
            {
                await _client.SignInAsync();
                return true;
            }
            catch (Exception exception) when (exception is HttpRequestException or Xunit.Sdk.XunitException)
            {
                return server.HasEnded;
            }
        });

    private bool IsSettled(string id) => _attempts.GetValueOrDefault(id) >= (id.StartsWith("flaky", StringComparison.Ordinal) ? 3 : 1);

    private HttpStatusCode Judge(string id)
    {
        var attempt = _attempts.AddOrUpdate(id, 1, (_, before) => before + 1);
        return id.StartsWith("bad", StringComparison.Ordinal) ? HttpStatusCode.BadRequest
            : id.StartsWith("flaky", StringComparison.Ordinal) && attempt < 3 ? HttpStatusCode.ServiceUnavailable
            : HttpStatusCode.OK;
    }
}
