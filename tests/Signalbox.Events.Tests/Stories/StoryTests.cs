using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Stories;

public sealed class StoryTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_story_tells_what_matched_each_attempt_and_what_comes_next(TestEngine engine)
    {
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        await using var hook = await WebhookListener.StartAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        await RegisterWebhookAsync(server, hook, provider);
        await server.RegisterAsync("To be read", provider, "order.placed");
        hook.AnswerWith(503);
        await server.PublishAsync(provider, "order.placed", id: "order-7");
        var id = (await hook.NextAsync()).Headers["x-adobe-event-id"];

        var waiting = await UntilAsync(server, id, "scheduled");
        hook.AnswerWith(200);
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        var delivered = await UntilAsync(server, id, "delivered");

        Assert.Equal("order-7", waiting.GetProperty("id").GetString());
        Assert.Equal(2, waiting.GetProperty("deliveries").GetArrayLength());
        var scheduled = waiting.GetProperty("deliveries")[0];
        Assert.Equal("To a webhook", scheduled.GetProperty("name").GetString());
        Assert.Equal(1, scheduled.GetProperty("next_retry_count").GetInt32());
        Assert.Equal("2026-01-01T00:01:00+00:00", scheduled.GetProperty("next_attempt_at").GetString());
        Assert.Equal("2026-01-02T00:00:00+00:00", scheduled.GetProperty("retries_end_at").GetString());
        Assert.Equal("journaled", waiting.GetProperty("deliveries")[1].GetProperty("state").GetString());
        var attempts = delivered.GetProperty("deliveries")[0].GetProperty("attempts");
        Assert.Equal([503, 200], attempts.EnumerateArray().Select(a => a.GetProperty("code").GetInt32()));
        Assert.Equal([0, 1], attempts.EnumerateArray().Select(a => a.GetProperty("retry_count").GetInt32()));
        Assert.False(delivered.GetProperty("deliveries")[0].TryGetProperty("next_attempt_at", out _));
    }

    [Fact]
    public async Task A_long_series_keeps_its_first_and_its_latest_attempts_and_says_how_many_it_leaves_out()
    {
        await using var server = await EventsServer.StartDeliveringAsync();
        await using var hook = await WebhookListener.StartAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        await RegisterWebhookAsync(server, hook, provider);
        hook.AnswerWith(503);
        await server.PublishAsync(provider, "order.placed");
        var id = (await hook.NextAsync()).Headers["x-adobe-event-id"];
        for (var retry = 1; retry <= 20; retry++)
        {
            await UntilAsync(server, id, "scheduled", retry);
            server.Clock.Advance(TimeSpan.FromMinutes(15));
        }

        var story = (await UntilAsync(server, id, "scheduled", 21)).GetProperty("deliveries")[0];

        Assert.Equal(
            [0, 1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 16, 17, 18, 19, 20],
            story.GetProperty("attempts").EnumerateArray().Select(a => a.GetProperty("retry_count").GetInt32()));
        Assert.Equal(5, story.GetProperty("attempts_left_out").GetInt32());
    }

    [Fact]
    public async Task Only_the_organization_of_the_event_is_told_and_what_is_no_id_is_named()
    {
        await using var server = await EventsServer.StartDeliveringAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        await server.RegisterAsync("To be read", provider, "order.placed");
        await server.PublishAsync(provider, "order.placed");
        var id = await server.Get<Signalbox.Storage.Database>().WriteAsync(session => session.QuerySingleOrDefault<string>("SELECT event_id FROM events"));
        var stranger = await server.CreateStrangerAsync();
        using var strangers = await server.SignInAsync(stranger);

        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/stories/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await strangers.GetAsync(new Uri($"/events/{stranger.Workspace.OrganizationId}/stories/{id}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await strangers.GetAsync(new Uri($"/events/{server.Home.Workspace.OrganizationId}/stories/{id}", UriKind.Relative))).StatusCode);
        var bad = await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/stories/order-7");
        Assert.Equal(HttpStatusCode.BadRequest, bad.Status);
        Assert.Contains("order-7", bad.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static async Task RegisterWebhookAsync(EventsServer server, WebhookListener hook, string provider)
    {
        hook.Answer = context => context.Response.WriteAsync(context.Request.Query["challenge"].ToString());
        await server.RegisterAsync("To a webhook", provider, "order.placed", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\"");
        await hook.NextAsync();
    }

    private static async Task<JsonElement> UntilAsync(EventsServer server, string eventId, string state, int retryCount = 0)
    {
        JsonElement story = default;
        await DeliveryEngine.UntilAsync(async () =>
        {
            story = (await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/stories/{eventId}")).Body;
            var delivery = story.GetProperty("deliveries")[0];
            return delivery.GetProperty("state").GetString() == state
                && (retryCount == 0 || delivery.GetProperty("next_retry_count").GetInt32() == retryCount);
        });
        return story;
    }
}
