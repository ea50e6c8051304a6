using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>What takes minutes, hours or days, seen from outside with <c>serve --test-clock</c>.</summary>
public sealed class PolicyClockTests : IAsyncLifetime
{
    private SignalboxServer _server = null!;
    private ServerClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SignalboxServer.StartAsync(new ServerLaunch { TestClock = true });
        _client = await ServerClient.SignInAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_unavailable_webhook_is_tried_again_by_the_schedule_and_given_up_after_24_hours()
    {
        await using var webhook = await WebhookListener.StartAsync();
        webhook.Respond = (_, _) => Task.FromResult(HttpStatusCode.ServiceUnavailable);
        var type = await PublishedType.CreateAsync(_client);
        var registration = await type.RegisterWebhookAsync(webhook);
        await type.PublishAsync(null, "order-1");
        await webhook.FindAsync("the first attempt", d => d.RetryCount is null);

        var attempts = new List<JsonNode> { await registration.FindTraceAsync("order-1") };
        foreach (var minutes in (int[])[1, 2, 4, 8, 15, 15])
        {
            var interval = TimeSpan.FromMinutes(minutes);
            await AdvanceToJustBeforeAsync(EndOf(attempts[^1]) + interval);
            attempts.Add(await StepUntilAttemptAsync(registration, webhook, attempts.Count));
            var waited = AttemptedAt(attempts[^1]) - EndOf(attempts[^2]);
            Assert.InRange(waited, interval, interval + TimeSpan.FromSeconds(5));
        }

        // From now on every 15 minutes; all that is left of the 24 hours.
        var retries = await RunOutAsync(registration, AttemptedAt(attempts[0]) + TimeSpan.FromHours(24), attempts.Count - 1);
        await _server.AdvanceClockAsync(TimeSpan.FromHours(2));
        await _client.SignInAsync();
        var traces = await registration.GetTracesAsync();

        Assert.InRange(retries, 97, 99);
        Assert.Equal(Enumerable.Range(1, retries).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)), webhook.Deliveries.Skip(1).Select(d => d.RetryCount));
        Assert.True(AttemptedAt(traces[0]) - AttemptedAt(attempts[0]) <= TimeSpan.FromHours(24));
        Assert.Single(webhook.Deliveries.Select(d => d.Headers["x-adobe-event-id"]).Distinct());
        Assert.Equal(webhook.Deliveries.Count, webhook.Deliveries.Select(d => d.Headers["x-adobe-delivery-id"]).Distinct().Count());
        Assert.All(webhook.Deliveries, d => Assert.Equal(webhook.Deliveries.First().Text, d.Text));
    }

    [Fact]
    public async Task A_retry_that_succeeds_ends_the_retries()
    {
        await using var webhook = await WebhookListener.StartAsync();
        webhook.Respond = (d, _) => Task.FromResult(d.RetryCount is null ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK);
        var type = await PublishedType.CreateAsync(_client);
        var registration = await type.RegisterWebhookAsync(webhook);
        await type.PublishAsync(null, "order-1");
        await registration.FindTraceAsync("order-1");

        await _server.AdvanceClockAsync(TimeSpan.FromSeconds(61));
        var retried = await registration.FindTraceAsync("order-1", attempts: 2);
        await _server.AdvanceClockAsync(TimeSpan.FromMinutes(10));
        await type.PublishAsync(null, "order-2");
        await registration.FindTraceAsync("order-2");

        Assert.Equal(200, retried["trace"]!["tracingResponse"]!["responseCode"]!.GetValue<int>());
        Assert.Equal(2, webhook.Deliveries.Count(d => d.EventId == "order-1"));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.HttpVersionNotSupported)]
    public async Task A_refusal_is_not_tried_again(HttpStatusCode refusal)
    {
        await using var webhook = await WebhookListener.StartAsync();
        webhook.Respond = (d, _) => Task.FromResult(d.EventId == "order-1" ? refusal : HttpStatusCode.OK);
        var type = await PublishedType.CreateAsync(_client);
        var registration = await type.RegisterWebhookAsync(webhook);
        await type.PublishAsync(null, "order-1");
        await registration.FindTraceAsync("order-1");

        await _server.AdvanceClockAsync(TimeSpan.FromMinutes(20));
        await type.PublishAsync(null, "order-2");
        await registration.FindTraceAsync("order-2");

        Assert.Single(webhook.Deliveries, d => d.EventId == "order-1");
    }

    [Fact]
    public async Task A_webhook_that_does_not_answer_within_10_seconds_is_traced_as_604_and_tried_again()
    {
        await using var webhook = await WebhookListener.StartAsync();
        webhook.Respond = async (d, aborted) =>
        {
            if (d.RetryCount is null)
            {
                await Task.Delay(Timeout.Infinite, aborted);
            }

            return HttpStatusCode.OK;
        };
        var type = await PublishedType.CreateAsync(_client);
        var registration = await type.RegisterWebhookAsync(webhook);
        await type.PublishAsync(null, "order-1");
        await webhook.FindAsync("the first attempt", _ => true);

        await _server.AdvanceClockAsync(TimeSpan.FromSeconds(7));
        var before = await registration.GetTracesAsync();
        await _server.AdvanceClockAsync(TimeSpan.FromSeconds(4));
        var timedOut = (await registration.FindTraceAsync("order-1"))["trace"]!["tracingResponse"]!;
        await _server.AdvanceClockAsync(TimeSpan.FromSeconds(61));
        await registration.FindTraceAsync("order-1", attempts: 2);

        Assert.Empty(before);
        Assert.Equal(604, timedOut["responseCode"]!.GetValue<int>());
        Assert.StartsWith("604 : Timeout ERROR(`", timedOut["responseBody"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("1", webhook.Deliveries.Last().RetryCount);
    }

    [Fact]
    public async Task An_unreachable_webhook_is_traced_as_602_and_tried_again()
    {
        var webhook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(_client);
        var registration = await type.RegisterWebhookAsync(webhook);
        await webhook.DisposeAsync();
        await type.PublishAsync(null, "order-1");

        var response = (await registration.FindTraceAsync("order-1"))["trace"]!["tracingResponse"]!;
        await _server.AdvanceClockAsync(TimeSpan.FromSeconds(61));
        await registration.FindTraceAsync("order-1", attempts: 2);

        Assert.Equal(602, response["responseCode"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_action_has_60_seconds()
    {
        await _client.PutActionAsync("shop/slow", "function main () { return new Promise(() => {}) }", new JsonObject { ["timeout"] = 300_000 });
        var type = await PublishedType.CreateAsync(_client);
        var registration = await type.RegisterActionAsync("shop/slow");
        await type.PublishAsync(null, "order-1");
        await Eventually.HoldsAsync("a delivery under way", async () => (await _client.RuntimeAsync(HttpMethod.Get, "/activations?name=validate_action&count=true")).Json["activations"]!.GetValue<int>() > 0
            || (await _client.RuntimeAsync(HttpMethod.Get, "/activations?name=bound_package/validate_action&count=true")).Json["activations"]!.GetValue<int>() > 0);

        await _server.AdvanceClockAsync(TimeSpan.FromSeconds(50));
        var before = await registration.GetTracesAsync();
        await _server.AdvanceClockAsync(TimeSpan.FromSeconds(11));
        var response = (await registration.FindTraceAsync("order-1"))["trace"]!["tracingResponse"]!;

        Assert.Empty(before);
        Assert.Equal(604, response["responseCode"]!.GetValue<int>());
    }

    [Fact]
    public async Task Journaled_events_can_be_read_for_7_days()
    {
        var type = await PublishedType.CreateAsync(_client);
        var registration = await type.RegisterJournalAsync();
        await type.PublishAsync(null, "old");
        await _server.AdvanceClockAsync(TimeSpan.FromDays(6));
        await _client.SignInAsync();
        await type.PublishAsync(null, "young");
        var both = await registration.ReadJournalAsync();

        await _server.AdvanceClockAsync(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        await _client.SignInAsync();
        var left = await registration.ReadJournalAsync();

        Assert.Equal(["old", "young"], both.Select(e => e["event"]!["id"]!.GetValue<string>()));
        Assert.Equal(["young"], left.Select(e => e["event"]!["id"]!.GetValue<string>()));
        var first = both[0]["position"]!.GetValue<string>();
        Assert.NotEmpty(first);
    }

    [Fact]
    public async Task A_token_ends_when_it_said_it_would()
    {
        var issued = await _client.SignInAsync();
        var lifetime = TimeSpan.FromSeconds(issued.Json["expires_in"]!.GetValue<long>());
        var path = $"/events/{_client.Console.OrganizationId}/providers";

        await _server.AdvanceClockAsync(lifetime - TimeSpan.FromMinutes(1));
        (await _client.EventsAsync(HttpMethod.Get, path)).Expect(HttpStatusCode.OK);
        await _server.AdvanceClockAsync(TimeSpan.FromMinutes(2));
        (await _client.EventsAsync(HttpMethod.Get, path)).Expect(HttpStatusCode.Unauthorized);
        await _client.SignInAsync();
        (await _client.EventsAsync(HttpMethod.Get, path)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_clock_does_not_run_backwards_over_a_restart()
    {
        await _server.AdvanceClockAsync(TimeSpan.FromDays(3));
        var before = await _server.GetClockAsync();
        await _server.StopAsync(TimeSpan.FromSeconds(30));
        await _server.RestartAsync();

        Assert.True(await _server.GetClockAsync() >= before);
    }

    private static DateTimeOffset AttemptedAt(JsonNode trace) => DateTimeOffset.FromUnixTimeMilliseconds(trace["trace"]!["deliveryTime"]!.GetValue<long>());

    private static DateTimeOffset EndOf(JsonNode trace) =>
        AttemptedAt(trace) + TimeSpan.FromMilliseconds(trace["trace"]!["tracingResponse"]!["responseTime"]!.GetValue<long>());

    /// <summary>Three seconds short of it: an attempt that comes too early then shows in its trace.</summary>
    private async Task AdvanceToJustBeforeAsync(DateTimeOffset moment)
    {
        var remaining = moment - TimeSpan.FromSeconds(3) - await _server.GetClockAsync();
        if (remaining > TimeSpan.Zero)
        {
            await _server.AdvanceClockAsync(remaining);
        }
    }

    /// <summary>Moves the clock second by second until the next attempt arrives and is traced.</summary>
    private async Task<JsonNode> StepUntilAttemptAsync(Registration registration, WebhookListener webhook, int attemptsSoFar)
    {
        for (var step = 0; step < 6 && webhook.Deliveries.Count == attemptsSoFar; step++)
        {
            await _server.AdvanceClockAsync(TimeSpan.FromSeconds(1));
            var look = DateTimeOffset.UtcNow.AddMilliseconds(300);
            while (webhook.Deliveries.Count == attemptsSoFar && DateTimeOffset.UtcNow < look)
            {
                await Task.Delay(10);
            }
        }

        return await registration.FindTraceAsync("order-1", attemptsSoFar + 1);
    }

    /// <summary>Moves the clock by quarters of an hour to the end, and counts the retries.</summary>
    private async Task<int> RunOutAsync(Registration registration, DateTimeOffset end, int retriesSoFar)
    {
        var retries = retriesSoFar;
        while (true)
        {
            await _server.AdvanceClockAsync(TimeSpan.FromMinutes(15) + TimeSpan.FromMilliseconds(50));
            await _client.SignInAsync();
            if (await _server.GetClockAsync() > end)
            {
                return retries;
            }

            // An attempt ends with its trace: only then the next interval runs.
            retries++;
            await registration.FindTraceAsync("order-1", retries + 1);
        }
    }
}
