using System.Net.Sockets;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.Registrations;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Delivery;

public sealed class AttemptTests
{
    [Fact]
    public async Task The_log_names_whose_request_got_no_response()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var log = new LoggedLines<WebhookClient>();
        await using var way = new DeliveryEngine(test, log: log) { Resolve = _ => throw new SocketException((int)SocketError.HostNotFound) };
        var registration = way.Register(1, new Uri("https://gone.example:8443/"));

        await way.Challenge.ProbeAsync(registration, default);
        await way.PublishAsync(1, registration);
        await way.NextAttemptAsync(1);

        Assert.Equal(3, log.Lines.Count);
        Assert.All(log.Lines.Take(2), line => Assert.StartsWith($"No response from gone.example:8443 to the challenge of registration {registration.Id} (", line, StringComparison.Ordinal));
        Assert.StartsWith($"No response from gone.example:8443 to event {way.Events[1].EventId} of registration {registration.Id} (", log.Lines.Last(), StringComparison.Ordinal);
    }

    [Theory, InlineData(null, 10), InlineData("package/action", 60)]
    public async Task An_attempt_ends_exactly_at_its_limit(string? runtimeAction, int seconds)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test) { HandlerUrl = hook.Url };
        hook.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        var registration = way.Register(1, hook.Url, runtimeAction: runtimeAction);
        var start = test.Clock.GetUtcNow();

        await way.PublishAsync(1, registration);
        await hook.NextAsync();
        test.Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, way.Dispatcher.InFlight);
        test.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(start + TimeSpan.FromSeconds(seconds) + TimeSpan.FromMinutes(1), await way.NextAttemptAsync(1));
        var response = Assert.Single(await way.TracesAsync(registration)).GetProperty("trace").GetProperty("tracingResponse");
        Assert.Equal(604, response.GetProperty("responseCode").GetInt32());
        Assert.Equal(seconds * 1000, response.GetProperty("responseTime").GetInt64());
    }

    [Fact]
    public async Task A_body_that_never_ends_ends_at_the_limit()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.Answer = async context =>
        {
            await context.Response.StartAsync();
            await context.Response.Body.WriteAsync("drip"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };

        await way.PublishAsync(1, way.Register(1, hook.Url));
        await hook.NextAsync();
        test.Clock.Advance(TimeSpan.FromSeconds(10));

        await way.NextAttemptAsync(1);
    }

    [Theory, InlineData(301), InlineData(302), InlineData(307), InlineData(400), InlineData(404), InlineData(505)]
    public async Task A_rejected_delivery_is_not_repeated_and_a_redirect_not_followed(int status)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = hook.Url + "/elsewhere";
            return Task.CompletedTask;
        };
        var registration = way.Register(1, hook.Url);

        await way.PublishAsync(1, registration);
        await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        Assert.Equal(0, hook.Unread);
        Assert.Single(await way.TracesAsync(registration));
    }

    [Fact]
    public async Task A_refused_connection_is_602_and_a_failed_handshake_611_and_both_are_retried()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        using var closed = new Socket(SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.IPv6Loopback, 0));
        var refused = way.Register(1, new Uri($"http://127.0.0.1:{((System.Net.IPEndPoint)closed.LocalEndPoint!).Port}/"));
        var plain = way.Register(2, new Uri($"https://127.0.0.1:{hook.Url.Port}/"));

        await way.PublishAsync(1, refused);
        await way.PublishAsync(2, plain);
        await DeliveryEngine.UntilAsync(async () => (await way.TracesAsync(refused)).Count + (await way.TracesAsync(plain)).Count == 2);

        Assert.Contains("602 : Network ERROR(`", (await way.TracesAsync(refused))[0].GetRawText(), StringComparison.Ordinal);
        Assert.Contains("611 : SSLHandshake ERROR(`", (await way.TracesAsync(plain))[0].GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, await way.CountOwedAsync());
    }

    [Fact]
    public async Task A_batch_registration_gets_a_lone_event_as_an_array_of_one()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);

        await way.PublishAsync(1, way.Register(1, hook.Url, DeliveryType.WebhookBatch));
        var request = await hook.NextAsync();

        Assert.Equal("application/json; charset=utf-8", request.Headers["content-type"]);
        Assert.Equal((byte)'[', request.Body[0]);
        Assert.Equal((byte)']', request.Body[^1]);
    }
}
