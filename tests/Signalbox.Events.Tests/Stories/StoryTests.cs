using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Stories;
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

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_story_tells_when_and_why_it_became_a_dead_letter_and_what_became_of_that(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        var id = (await registration.PublishAsync("order-1")).Headers["x-adobe-event-id"];
        var letter = Assert.Single(await registration.DeadLettersAsync()).GetProperty("id").GetString();

        var kept = await UntilAsync(server, id, "ended");
        server.Clock.Advance(TimeSpan.FromHours(1));
        await server.SendAsync(HttpMethod.Post, $"{registration.Path}/dead-letters/{letter}/redrive");
        await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => (await registration.DeadLettersAsync()).Count == 1);
        var second = (await registration.DeadLettersAsync())[0].GetProperty("id").GetString();
        await server.SendAsync(HttpMethod.Delete, $"{registration.Path}/dead-letters/{second}");
        var purged = (await UntilAsync(server, id, "ended")).GetProperty("deliveries")[0];

        var told = Assert.Single(kept.GetProperty("deliveries")[0].GetProperty("dead_letters").EnumerateArray());
        Assert.Equal(
            (letter, "endpoint_rejected", "endpoint", "kept"),
            (told.GetProperty("id").GetString(), told.GetProperty("reason").GetString(), told.GetProperty("fault").GetString(), told.GetProperty("state").GetString()));
        Assert.Equal("2026-01-08T00:00:00+00:00", told.GetProperty("kept_until").GetString());
        Assert.Equal("It is kept until 2026-01-08T00:00:00Z: redrive it or purge it before.", told.GetProperty("next").GetString());
        Assert.Contains("dead letter (endpoint_rejected)", kept.GetProperty("deliveries")[0].GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.Equal(["redriven", "purged"], purged.GetProperty("dead_letters").EnumerateArray().Select(l => l.GetProperty("state").GetString()));
        Assert.All(purged.GetProperty("dead_letters").EnumerateArray(), l => Assert.Equal("2026-01-01T01:00:00+00:00", l.GetProperty("ended_at").GetString()));
        Assert.Contains("was purged at 2026-01-01T01:00:00Z", purged.GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.False(purged.TryGetProperty("replays", out _));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_story_tells_which_replay_delivers_it_again_and_what_it_does_next(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        var id = (await registration.PublishAsync("order-1")).Headers["x-adobe-event-id"];

        server.Clock.Advance(TimeSpan.FromSeconds(1));
        registration.Status = 200;
        var replay = (await server.SendAsync(HttpMethod.Post, registration.Path + "/replays", """{"failed_since":"2025-12-31"}""")).Body.GetProperty("id").GetString()!;
        var begun = Assert.Single((await StoryAsync(server, id)).GetProperty("deliveries")[0].GetProperty("replays").EnumerateArray());
        await DeliveryEngine.UntilAsync(async () =>
        {
            await server.Get<Events.Replays.ReplayRunner>().StepAsync(default);
            return (await registration.GetAsync("/replays/" + replay)).GetProperty("state").GetString() == "done";
        });
        var done = (await UntilAsync(server, id, "delivered")).GetProperty("deliveries")[0];

        Assert.Equal((replay, "failed"), (begun.GetProperty("id").GetString(), begun.GetProperty("kind").GetString()));
        var letter = Assert.Single(done.GetProperty("dead_letters").EnumerateArray());
        Assert.Equal(("replayed", replay), (letter.GetProperty("state").GetString(), letter.GetProperty("replay_id").GetString()));
        var told = Assert.Single(done.GetProperty("replays").EnumerateArray());
        Assert.Equal((replay, "done", "Nothing: it is done."), (told.GetProperty("id").GetString(), told.GetProperty("state").GetString(), told.GetProperty("next").GetString()));
        Assert.Equal([null, replay], done.GetProperty("attempts").EnumerateArray().Select(a => a.TryGetProperty("replay_id", out var by) ? by.GetString() : null));
        Assert.Equal("Nothing: the endpoint took it.", done.GetProperty("next").GetString());
    }

    [Fact]
    public async Task A_replay_that_waits_for_its_registration_says_so()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        var id = (await registration.PublishAsync("order-1")).Headers["x-adobe-event-id"];
        var known = (await server.Get<Events.Registrations.IRegistrationDirectory>().FindAsync(
            new Events.Registrations.RegistrationId(Guid.Parse(registration.Path[^36..])), default))!;
        var ahead = new ReplayRow { RegistrationKey = known.Key, Id = "r", Kind = "range", State = "running", IsAhead = 1 };

        Assert.Equal("The event comes in its turn, as live deliveries leave room.", StoryWords.Tell(known, ahead, null).Next);
        var paused = StoryWords.Tell(known with { IsEnabled = false }, ahead, null);
        Assert.Equal(("paused", "It waits until the registration is delivered to again."), (paused.State, paused.Next));
        Assert.Equal("It owes the event now.", StoryWords.Tell(known, new ReplayRow { Id = "r", State = "running" }, new OwedRow { ReplayId = "r" }).Next);
        Assert.Equal("Nothing for this event; it goes on with others.", StoryWords.Tell(known, new ReplayRow { Id = "r", State = "running" }, null).Next);
        Assert.Equal("delivered", (await UntilAsync(server, id, "delivered")).GetProperty("deliveries")[0].GetProperty("state").GetString());
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
            story = await StoryAsync(server, eventId);
            var delivery = story.GetProperty("deliveries")[0];
            return delivery.GetProperty("state").GetString() == state
                && (retryCount == 0 || delivery.GetProperty("next_retry_count").GetInt32() == retryCount);
        });
        return story;
    }

    private static async Task<JsonElement> StoryAsync(EventsServer server, string eventId) =>
        (await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/stories/{eventId}")).Body;
}
