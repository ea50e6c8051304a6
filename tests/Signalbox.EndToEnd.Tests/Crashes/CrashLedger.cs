using System.Collections.Concurrent;
using System.Diagnostics;
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
/// ones are refused for good, so that they become dead letters. What the server accepted to deliver again, by a replay or by
/// redriving a dead letter, must come once more than before.
/// </remarks>
internal sealed class CrashLedger : IAsyncDisposable
{
    private static readonly string[] _kinds = ["plain", "flaky", "plain", "bad"];

    /// <summary>By then the server has kept what became of an attempt, or was killed, and attempts it again.</summary>
    private static readonly TimeSpan _keepingTime = TimeSpan.FromSeconds(3);

    private ServerClient _client;
    private readonly WebhookListener _webhook;
    private readonly PublishedType _type;
    private Registration _registration;
    private readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string EventId, long ReceivedAt)> _received = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _promised = new(StringComparer.Ordinal);
    private int _published;
    private int _recovered;
    private volatile bool _isRecovering;

    private CrashLedger(ServerClient client, WebhookListener webhook, PublishedType type, Registration registration)
    {
        (_client, _webhook, _type, _registration) = (client, webhook, type, registration);
        webhook.Respond = (delivery, _) =>
        {
            var answer = Judge(delivery.EventId);
            _received[delivery.EventId] = (delivery.Headers["x-adobe-event-id"], Stopwatch.GetTimestamp());
            return Task.FromResult(answer);
        };
    }

    /// <summary>How many events were acknowledged.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Requests that the endpoint got for events that it had taken already, replays left out.</summary>
    public int Repeats => _attempts.Sum(a => Math.Max(0, a.Value - WantedOf(a.Key)));

    public static async Task<CrashLedger> OpenAsync(SignalboxServer server)
    {
        var client = await ServerClient.SignInAsync(server);
        var webhook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(client);
        return new CrashLedger(client, webhook, type, await type.RegisterWebhookAsync(webhook));
    }

    /// <summary>
    /// Publishes from four sides, replays and redrives some of it, and moves the clock a minute at a time so that retries fall
    /// due, until enough is acknowledged or the server has ended.
    /// </summary>
    public async Task PublishAsync(SignalboxServer server, Func<bool> isEnough)
    {
        await SignInAsync(server);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        bool IsOver() => isEnough() || server.HasEnded || end.IsCancellationRequested;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!IsOver())
            {
                if (_isRecovering)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20));
                    continue;
                }

                await PublishOneAsync();

                // Replays wait until live deliveries are caught up with, which they would never be behind an endless flood.
                await Task.Delay(TimeSpan.FromMilliseconds(10));
            }
        }).Append(MoveClockAsync(server, IsOver)).Append(RecoverAsync(IsOver)));
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
        await AccountForDeadLettersAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"{Acknowledged} events acknowledged, 0 unaccounted, {_webhook.Deliveries.Count} requests to the endpoint, {Repeats} repeats, {_recovered} replays and redrives accepted");
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

    /// <summary>What was refused for good is a dead letter, each event once; nothing that the endpoint took is one.</summary>
    private async Task AccountForDeadLettersAsync()
    {
        var taken = _received.Where(r => !IsBad(r.Key)).Select(r => r.Value.EventId).ToHashSet(StringComparer.Ordinal);
        var open = _acknowledged.Keys.Where(IsBad).Select(id => _received[id].EventId).ToHashSet(StringComparer.Ordinal);
        await Eventually.HoldsAsync(
            "a dead letter for every event that was refused",
            async () =>
            {
                var letters = await ListDeadLettersAsync();
                Assert.Equal(letters.Distinct().Count(), letters.Count);
                Assert.DoesNotContain(letters, taken.Contains);
                open.ExceptWith(letters);
                return open.Count == 0;
            },
            otherwise: () => $"{open.Count} events that were refused are no dead letters: {string.Join(", ", open.Order().Take(8))}");
    }

    private async Task<IReadOnlyList<string>> ListDeadLettersAsync()
    {
        var letters = new List<string>();
        for (string? path = $"{_registration.Path}/dead-letters?limit=100"; path is not null;)
        {
            var page = (await _client.EventsAsync(HttpMethod.Get, path)).Expect(HttpStatusCode.OK).Json;
            letters.AddRange(page["_embedded"]!["dead_letters"]!.AsArray().Select(letter => letter!["event_id"]!.GetValue<string>()));
            path = page["_links"]!["next"]?["href"]?.GetValue<string>();
        }

        return letters;
    }

    /// <summary>Replays and redrives, one at a time. Publishers rest meanwhile: a replay waits for room behind live deliveries.</summary>
    private async Task RecoverAsync(Func<bool> isOver)
    {
        while (!isOver())
        {
            try
            {
                await RedriveOneAsync();
                _isRecovering = true;
                await ReplayOneAsync(isOver);
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // Nothing was answered, so nothing is promised.
            }

            _isRecovering = false;
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Has one event that the endpoint took delivered again, and waits for a while until it was.</summary>
    private async Task ReplayOneAsync(Func<bool> isOver)
    {
        var id = _received
            .Where(r => !IsBad(r.Key) && IsSettled(r.Key) && Stopwatch.GetElapsedTime(r.Value.ReceivedAt) > _keepingTime)
            .Select(r => r.Key).FirstOrDefault();
        if (id is not null && await TryRecoverAsync(id, $"{_registration.Path}/replays", new JsonObject { ["event_id"] = _received[id].EventId }))
        {
            var patience = Stopwatch.StartNew();
            while (!IsSettled(id) && !isOver() && patience.Elapsed < TimeSpan.FromSeconds(2))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    private async Task RedriveOneAsync()
    {
        var page = await _client.EventsAsync(HttpMethod.Get, $"{_registration.Path}/dead-letters?limit=20");
        if (page.Status != HttpStatusCode.OK || page.Json["_embedded"]!["dead_letters"]!.AsArray() is not [.., { } letter])
        {
            return;
        }

        var eventId = letter["event_id"]!.GetValue<string>();
        var id = _received.First(r => r.Value.EventId == eventId).Key;
        await TryRecoverAsync(id, $"{_registration.Path}/dead-letters/{letter["id"]}/redrive");
    }

    /// <summary>True when the server accepted to deliver the event again: it is promised then.</summary>
    private async Task<bool> TryRecoverAsync(string id, string path, JsonNode? body = null)
    {
        var before = _attempts[id];
        var answer = await _client.EventsAsync(HttpMethod.Post, path, body);
        if (answer.Status != HttpStatusCode.Accepted)
        {
            Assert.True(answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict or HttpStatusCode.NotFound, answer.ToString());
            return false;
        }

        _promised[id] = before + 1;
        _recovered++;
        return true;
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

    private static bool IsBad(string id) => id.StartsWith("bad", StringComparison.Ordinal);

    /// <summary>How many attempts it takes until nothing of the event is owed any more.</summary>
    private int WantedOf(string id) =>
        Math.Max(id.StartsWith("flaky", StringComparison.Ordinal) ? 3 : 1, _promised.GetValueOrDefault(id));

    private bool IsSettled(string id) => _attempts.GetValueOrDefault(id) >= WantedOf(id);

    private HttpStatusCode Judge(string id)
    {
        var attempt = _attempts.AddOrUpdate(id, 1, (_, before) => before + 1);
        return IsBad(id) ? HttpStatusCode.BadRequest
            : id.StartsWith("flaky", StringComparison.Ordinal) && attempt < 3 ? HttpStatusCode.ServiceUnavailable
            : HttpStatusCode.OK;
    }
}
