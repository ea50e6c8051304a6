using System.Security.Cryptography;
using System.Text;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Delivery;

public sealed class DeliveryWayTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task An_event_arrives_signed_with_every_header_and_nothing_is_owed_after_it(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        var registration = way.Register(1, hook.Url);

        var accepted = await way.PublishAsync(1, registration);
        var request = await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        Assert.Equal("POST", request.Method);
        Assert.Equal("application/cloudevents+json; charset=UTF-8", request.Headers["content-type"]);
        Assert.Equal("deflate,compress,identity", request.Headers["accept-encoding"]);
        Assert.Equal("Adobe/1.0", request.Headers["user-agent"]);
        Assert.Matches("^[A-Za-z0-9]{32}$", request.Headers["x-request-id"]);
        Assert.Equal("com.example.thing", request.Headers["x-adobe-event-code"]);
        Assert.Equal(accepted.EventId.ToString("D"), request.Headers["x-adobe-event-id"]);
        Assert.Equal("provider-1", request.Headers["x-adobe-provider"]);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", request.Headers["traceparent"], StringComparison.Ordinal);
        Assert.False(request.Headers.ContainsKey("x-adobe-retry-count"));
        Assert.False(request.Headers.ContainsKey("x-ow-extra-logging"));
        Assert.True(Guid.TryParseExact(request.Headers["x-adobe-delivery-id"], "D", out _));
        Assert.Equal(Convert.ToBase64String(HMACSHA256.HashData("client-secret"u8, request.Body)), request.Headers["x-adobe-signature"]);
        Assert.Contains("\"recipient_client_id\":\"client-1\"", Encoding.UTF8.GetString(request.Body), StringComparison.Ordinal);

        var trace = Assert.Single(await way.TracesAsync(registration));
        Assert.Equal(request.Headers["x-adobe-delivery-id"], trace.GetProperty("id").GetString());
        Assert.Equal(200, trace.GetProperty("trace").GetProperty("tracingResponse").GetProperty("responseCode").GetInt32());
    }

    [Fact]
    public async Task A_retry_carries_its_count_and_the_same_bytes_and_signatures()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        await way.StartAsync();
        hook.AnswerWith(503);

        await way.PublishAsync(1, way.Register(1, hook.Url));
        var first = await hook.NextAsync();
        var due = await way.NextAttemptAsync(1);
        hook.AnswerWith(200);
        test.Clock.Advance(due - test.Clock.GetUtcNow());
        var second = await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        Assert.Equal("1", second.Headers["x-adobe-retry-count"]);
        Assert.Equal(first.Body, second.Body);
        foreach (var name in (string[])["x-adobe-digital-signature-1", "x-adobe-digital-signature-2", "x-adobe-signature", "x-adobe-event-id"])
        {
            Assert.Equal(first.Headers[name], second.Headers[name]);
        }

        Assert.NotEqual(first.Headers["x-adobe-delivery-id"], second.Headers["x-adobe-delivery-id"]);
        Assert.NotEqual(first.Headers["x-request-id"], second.Headers["x-request-id"]);
    }

    [Fact]
    public async Task Retries_fall_on_the_documented_minutes_for_24_hours_and_then_end()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        await way.StartAsync();
        hook.AnswerWith(503);
        var start = test.Clock.GetUtcNow();
        int[] first = [1, 3, 7, 15, 30, 45];

        await way.PublishAsync(1, way.Register(1, hook.Url));
        await hook.NextAsync();
        for (var retry = 1; retry <= 99; retry++)
        {
            var due = await way.NextAttemptAsync(retry);
            Assert.Equal(start + TimeSpan.FromMinutes(retry <= 6 ? first[retry - 1] : 45 + ((retry - 6) * 15)), due);
            test.Clock.Advance(due - test.Clock.GetUtcNow() - TimeSpan.FromSeconds(1));
            Assert.Equal(0, hook.Unread);
            test.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal($"{retry}", (await hook.NextAsync()).Headers["x-adobe-retry-count"]);
        }

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
    }
}
