using System.Net;
using System.Text;
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
        Assert.Equal("2026-01-01T00:01:00.000Z", scheduled.GetProperty("next_attempt_at").GetString());
        Assert.Equal("2026-01-02T00:00:00.000Z", scheduled.GetProperty("retries_end_at").GetString());
        Assert.Equal("journaled", waiting.GetProperty("deliveries")[1].GetProperty("state").GetString());
        var attempts = delivered.GetProperty("deliveries")[0].GetProperty("attempts");
        Assert.Equal([503, 200], attempts.EnumerateArray().Select(a => a.GetProperty("code").GetInt32()));
        Assert.Equal([0, 1], attempts.EnumerateArray().Select(a => a.GetProperty("retry_count").GetInt32()));
        Assert.False(delivered.GetProperty("deliveries")[0].TryGetProperty("next_attempt_at", out _));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task An_attempt_without_an_answer_says_why_and_the_last_one_that_no_retry_follows(TestEngine engine)
    {
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var hook = await WebhookListener.StartAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        await RegisterWebhookAsync(server, hook, provider);
        await hook.DisposeAsync();
        await server.PublishAsync(provider, "order.placed");
        var id = await EventIdAsync(server, 1);

        var scheduled = (await UntilAsync(server, id, "scheduled", 1)).GetProperty("deliveries")[0].GetProperty("attempts")[0];
        server.Clock.Advance(TimeSpan.FromHours(24));
        var ended = (await UntilAsync(server, id, "ended")).GetProperty("deliveries")[0].GetProperty("attempts");

        Assert.Matches("^602 : Network ERROR\\(`[0-9a-f-]{36}`\\) : .*Connection refused", scheduled.GetProperty("explanation").GetString());
        Assert.DoesNotContain('\n', scheduled.GetProperty("explanation").GetString()!);
        Assert.Equal("the endpoint could not be reached, or its answer is no HTTP; it is retried", scheduled.GetProperty("meaning").GetString());
        Assert.Equal(["it is retried", "no retry follows"], ended.EnumerateArray().Select(a => a.GetProperty("meaning").GetString()!.Split("; ")[1]));
    }

    [Fact]
    public void A_long_explanation_keeps_its_reference_and_its_innermost_cause()
    {
        var shown = FailureTexts.Show($"602 : Network ERROR(`7`) :\n| A(`{new string('x', 400)}`)\n| B(`refused\u202e\u001b[2J`)");

        Assert.Equal("602 : Network ERROR(`7`) : … | B(`refused  [2J`)", shown);
        Assert.Equal(FailureTexts.LengthMax, FailureTexts.Show(new string('x', 1_000)).Length);
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
    public async Task Each_registration_has_its_latest_attempts_however_many_others_got_the_event(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var at = test.Clock.GetUtcNow();
        await test.Database.WriteAsync(session => AttemptLog.Write(
            session, [.. Enumerable.Range(1, 2_000).Select(key => Attempt(key, 0)), .. Enumerable.Range(0, 70).Select(series => Attempt(2_001, series))]));

        var read = await new AttemptLog(test.Database).ReadAsync(7, [3, 2_001], default);

        Assert.Equal([3, .. Enumerable.Repeat(2_001L, AttemptLog.ReadMax)], read.Select(attempt => attempt.RegistrationKey));
        Assert.Equal((6, 69), (read[1].Earlier, read[^1].Earlier));
        Assert.Equal(at.AddMinutes(69), read[^1].AttemptedAt);

        RecordedAttempt Attempt(long registration, int series) => new()
        {
            EventSequence = 7,
            RegistrationKey = registration,
            SeriesAt = at.AddMinutes(series),
            AttemptedAt = at.AddMinutes(series),
            RetryCount = 0,
            DeliveryId = "d",
            Code = 503,
            Duration = TimeSpan.Zero,
        };
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
        Assert.Equal("2026-01-08T00:00:00.000Z", told.GetProperty("kept_until").GetString());
        Assert.Equal("It is kept until 2026-01-08T00:00:00Z: redrive it or purge it before.", told.GetProperty("next").GetString());
        Assert.Contains("dead letter (endpoint_rejected)", kept.GetProperty("deliveries")[0].GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.Equal(["redriven", "purged"], purged.GetProperty("dead_letters").EnumerateArray().Select(l => l.GetProperty("state").GetString()));
        Assert.All(purged.GetProperty("dead_letters").EnumerateArray(), l => Assert.Equal("2026-01-01T01:00:00.000Z", l.GetProperty("ended_at").GetString()));
        Assert.Contains("was purged at 2026-01-01T01:00:00Z", purged.GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.False(purged.TryGetProperty("replays", out _));
    }

    [Fact]
    public async Task A_dead_letter_of_a_deleted_registration_says_when_that_was_and_when_it_goes()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        var id = (await registration.PublishAsync("order-1")).Headers["x-adobe-event-id"];
        server.Clock.Advance(TimeSpan.FromHours(1));
        await server.SendAsync(HttpMethod.Delete, registration.Path);

        var story = (await UntilAsync(server, id, "ended")).GetProperty("deliveries")[0];

        Assert.Equal(
            "Its registration was deleted at 2026-01-01T01:00:00Z, so that it cannot be redriven. It goes at 2026-01-08T00:00:00Z.",
            Assert.Single(story.GetProperty("dead_letters").EnumerateArray()).GetProperty("next").GetString());
        Assert.Equal(
            "Nothing: it is a dead letter (endpoint_rejected) of a registration that was deleted at 2026-01-01T01:00:00Z, and goes at 2026-01-08T00:00:00Z.",
            story.GetProperty("next").GetString());
        Assert.Equal("2026-01-01T01:00:00.000Z", story.GetProperty("registration_deleted_at").GetString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_dead_letter_that_was_one_too_many_says_that_it_was_dropped(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(
            engine, new EventsOptions { AllowPrivateTargets = true, DeadLettersPerRegistrationMax = 1 });
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        var id = (await registration.PublishAsync("order-1")).Headers["x-adobe-event-id"];
        var latest = (await registration.PublishAsync("order-2")).Headers["x-adobe-event-id"];
        var key = await server.Get<Signalbox.Storage.Database>().WriteAsync(
            session => session.QuerySingleOrDefault<long>("SELECT registration_key FROM registrations"));

        Assert.Equal(1, await server.Get<Events.DeadLetters.DeadLetterStore>().TrimAsync(key, 1, default));
        var dropped = (await StoryAsync(server, id)).GetProperty("deliveries")[0];
        var kept = (await StoryAsync(server, latest)).GetProperty("deliveries")[0];

        var letter = Assert.Single(dropped.GetProperty("dead_letters").EnumerateArray());
        Assert.Equal(("dropped", "2026-01-01T00:00:00.000Z"), (letter.GetProperty("state").GetString(), letter.GetProperty("ended_at").GetString()));
        Assert.Equal(
            "Nothing: its dead letter (endpoint_rejected) was dropped at 2026-01-01T00:00:00Z, because the registration had more than 1. The journal has it.",
            dropped.GetProperty("next").GetString());
        Assert.Equal("kept", Assert.Single(kept.GetProperty("dead_letters").EnumerateArray()).GetProperty("state").GetString());
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
    public void What_is_owed_to_a_registration_that_became_a_journal_says_that_it_is_not_tried_again()
    {
        var journal = Lanes.Registration(1, "1") with { DeliveryType = Events.Registrations.DeliveryType.Journal };

        Assert.Equal(
            ("scheduled", "It becomes a dead letter (registration_disabled) at 1970-01-01T00:01:00Z, without another attempt: the registration is read by its journal now."),
            new StoryWords(new EventsOptions()).Judge(
                journal, new OwedRow { RetryCount = 1, NextAttemptAt = 60_000 }, null, [], [], [], DateTimeOffset.UnixEpoch));
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
        var taken = new RecordedAttempt { EventSequence = 1, RegistrationKey = known.Key, SeriesAt = default, AttemptedAt = default, RetryCount = 0, DeliveryId = "d", Code = 200, Duration = default };
        Assert.Equal(
            ("delivered", "Replay r is to deliver it again. So far the endpoint took it."),
            new StoryWords(new EventsOptions()).Judge(known, null, null, [taken], [], [ahead], default));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_waits_for_the_end_of_its_endpoints_pause_says_until_when(TestEngine engine)
    {
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        await using var hook = await WebhookListener.StartAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        await RegisterWebhookAsync(server, hook, provider);
        var asked = new TaskCompletionSource();
        var isOver = new TaskCompletionSource();
        hook.AnswerTo = async (context, request) =>
        {
            if (Encoding.UTF8.GetString(request.Body).Contains("slow", StringComparison.Ordinal))
            {
                asked.SetResult();
                await isOver.Task;
                return;
            }

            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "3600";
        };

        await server.PublishAsync(provider, "order.placed", "\"slow\"");
        await asked.Task;
        var slow = await EventIdAsync(server, 1);
        await server.PublishAsync(provider, "order.placed");
        var failed = await UntilAsync(server, await EventIdAsync(server, 2), "scheduled");
        await server.PublishAsync(provider, "order.placed");
        var waiting = (await UntilAsync(server, await EventIdAsync(server, 3), "waiting")).GetProperty("deliveries")[0];
        var underWay = await UntilAsync(server, slow, "due");
        isOver.SetResult();

        var held = waiting.GetProperty("held");
        Assert.Equal("endpoint_pause", held.GetProperty("reason").GetString());
        Assert.InRange(held.GetProperty("until").GetDateTimeOffset() - server.Clock.GetUtcNow(), TimeSpan.FromHours(1), TimeSpan.FromMinutes(62));
        Assert.Equal(held.GetProperty("until").GetString(), waiting.GetProperty("next_attempt_at").GetString());
        Assert.Matches("^Waits until 2026-01-01T01:0[0-9:]+Z: its endpoint asked for a pause \\(Retry-After\\)\\.$", waiting.GetProperty("next").GetString());
        Assert.False(failed.GetProperty("deliveries")[0].TryGetProperty("held", out _));
        Assert.Equal("Its first attempt is due or under way.", underWay.GetProperty("deliveries")[0].GetProperty("next").GetString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_waits_behind_an_earlier_event_in_order_names_it_and_its_time(TestEngine engine)
    {
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        await using var hook = await WebhookListener.StartAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        await RegisterWebhookAsync(server, hook, provider, ",\"ordered_delivery\":true");
        hook.AnswerWith(503);

        await server.PublishAsync(provider, "order.placed");
        var first = await EventIdAsync(server, 1);
        await UntilAsync(server, first, "scheduled");
        await server.PublishAsync(provider, "order.placed");
        var waiting = (await UntilAsync(server, await EventIdAsync(server, 2), "waiting")).GetProperty("deliveries")[0];

        Assert.Equal(
            ("in_order", first),
            (waiting.GetProperty("held").GetProperty("reason").GetString(), waiting.GetProperty("held").GetProperty("behind_event_id").GetString()));
        Assert.Equal(
            $"Waits behind event {first}, whose retry is due at 2026-01-01T00:01:00Z: this registration is delivered in order.",
            waiting.GetProperty("next").GetString());
        Assert.InRange(
            waiting.GetProperty("next_attempt_at").GetDateTimeOffset() - server.Clock.GetUtcNow(), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(61));
    }

    [Fact]
    public async Task What_waits_for_its_turn_at_the_registrations_rate_says_so()
    {
        await using var server = await EventsServer.StartDeliveringAsync();
        await using var hook = await WebhookListener.StartAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        await RegisterWebhookAsync(server, hook, provider, ",\"delivery_rate_per_second\":1");
        hook.AnswerWith(200);

        await server.PublishAsync(provider, "order.placed");
        await hook.NextAsync();
        await server.PublishAsync(provider, "order.placed");
        var waiting = (await UntilAsync(server, await EventIdAsync(server, 2), "waiting")).GetProperty("deliveries")[0];

        Assert.Equal("rate_limit", waiting.GetProperty("held").GetProperty("reason").GetString());
        Assert.Equal("Waits for its turn: this registration gets 1 event a second.", waiting.GetProperty("next").GetString());
        Assert.Equal(server.Clock.GetUtcNow().AddSeconds(1), waiting.GetProperty("next_attempt_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_registration_that_has_the_interest_and_did_not_get_the_event_is_named_with_the_reason()
    {
        await using var server = await EventsServer.StartDeliveringAsync();
        var provider = await server.CreateProviderAsync("order.placed", "order.paid");
        await server.RegisterAsync("All", provider, "order.placed");
        await server.RegisterAsync("Other events", provider, "order.paid");
        await server.RegisterAsync("Large ones", provider, "order.placed", Filtered("100"));
        var changed = await server.RegisterAsync("Changed", provider, "order.placed", Filtered("200"));
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.PublishAsync(provider, "order.placed", """{"sum":7}""");
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.SendAsync(
            HttpMethod.Put, $"{server.Workspace}/registrations/{changed.GetProperty("registration_id").GetString()}",
            server.RegistrationJson("Changed", provider, "order.placed", Filtered("7")));
        await server.RegisterAsync("Too late", provider, "order.placed", Filtered("300"));

        var story = await StoryAsync(server, await EventIdAsync(server, 1));

        Assert.Equal("All", Assert.Single(story.GetProperty("deliveries").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(
            [("Large ones", "filter", "its filter does not match"), ("Changed", "changed", "it was changed since, and would get it now")],
            story.GetProperty("passed_over").EnumerateArray()
                .Select(r => (r.GetProperty("name").GetString()!, r.GetProperty("reason").GetString()!, r.GetProperty("why").GetString()!)));
        Assert.False(story.TryGetProperty("passed_over_more", out _));
    }

    [Theory, InlineData(2, "changed"), InlineData(1, "sample")]
    public async Task A_registration_whose_filter_was_changed_since_is_not_said_to_have_missed_a_sample_of_another(int matched, string reason)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        for (var i = 0; i < matched; i++)
        {
            await server.RegisterAsync($"All {i}", provider, "order.placed");
        }

        var filtered = await server.RegisterAsync("Large ones", provider, "order.placed", Filtered("100"));
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.PublishAsync(provider, "order.placed", """{"sum":7}""");
        var path = $"{server.Workspace}/registrations/{filtered.GetProperty("registration_id").GetString()}/filters";
        var filter = filtered.GetProperty("subscriber_filters")[0].GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, $"{path}/{filter}")).Status);

        var told = (await StoryAsync(server, await EventIdAsync(server, 1))).GetProperty("passed_over")[0];

        Assert.Equal(reason, told.GetProperty("reason").GetString());
        Assert.Contains("was changed since", told.GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_story_names_twenty_registrations_that_did_not_get_the_event_and_counts_the_others()
    {
        await using var server = await EventsServer.StartDeliveringAsync();
        var provider = await server.CreateProviderAsync("order.placed");
        await server.RegisterAsync("All", provider, "order.placed");
        for (var i = 0; i < 23; i++)
        {
            await server.RegisterAsync($"Large ones {i}", provider, "order.placed", Filtered("100"));
        }

        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.PublishAsync(provider, "order.placed", """{"sum":7}""");
        var story = await StoryAsync(server, await EventIdAsync(server, 1));

        Assert.Equal(20, story.GetProperty("passed_over").GetArrayLength());
        Assert.Equal(3, story.GetProperty("passed_over_more").GetInt32());
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
        Assert.Contains("not its publisher's 'id': the header 'x-adobe-event-id'", bad.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Events_are_found_by_the_id_of_their_publisher_newest_first_by_those_who_have_a_part_in_them(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("order.placed");
        await server.RegisterAsync("To be read", provider, "order.placed");
        foreach (var id in (string[])["order-7", "order/8 ü", "order-7"])
        {
            await server.PublishAsync(provider, "order.placed", id: id);
            server.Clock.Advance(TimeSpan.FromHours(1));
        }

        var stranger = await server.CreateStrangerAsync();
        using var strangers = await server.SignInAsync(stranger);

        Assert.Equal([await EventIdAsync(server, 3), await EventIdAsync(server, 1)], await FindPublishedAsync(server, "order-7"));
        Assert.Equal([await EventIdAsync(server, 2)], await FindPublishedAsync(server, "order/8 ü"));
        Assert.Empty(await FindPublishedAsync(server, "order-9"));
        Assert.Equal("""{"events":[]}""", await strangers.GetStringAsync(new Uri($"/events/{stranger.Workspace.OrganizationId}/stories?id=order-7", UriKind.Relative)));
        Assert.Equal(HttpStatusCode.Forbidden, (await strangers.GetAsync(new Uri($"/events/{server.Home.Workspace.OrganizationId}/stories?id=order-7", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/stories?id=")).Status);

        server.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromHours(2));
        Assert.Equal([await EventIdAsync(server, 3)], await FindPublishedAsync(server, "order-7"));
    }

    [Fact]
    public async Task Events_are_found_by_the_id_of_their_publisher_though_none_are_deduplicated()
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { DeduplicationWindow = TimeSpan.Zero });
        var provider = await server.CreateProviderAsync("order.placed");
        await server.RegisterAsync("To be read", provider, "order.placed");
        await server.PublishAsync(provider, "order.placed", id: "order-7");
        await server.PublishAsync(provider, "order.placed", id: "order-7");

        Assert.Equal(2, (await FindPublishedAsync(server, "order-7")).Count);
    }

    private static async Task<IReadOnlyList<string?>> FindPublishedAsync(EventsServer server, string id)
    {
        var found = await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/stories?id={Uri.EscapeDataString(id)}");
        return [.. found.Body.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("event_id").GetString())];
    }

    private static string Filtered(string sum) =>
        $$$"""
        "delivery_type":"journal","subscriber_filters":[{"name":"Sums","subscriber_filter":"{\"data\":{\"sum\":[{{{sum}}}]}}"}]
        """;

    private static async Task RegisterWebhookAsync(EventsServer server, WebhookListener hook, string provider, string more = "")
    {
        hook.Answer = context => context.Response.WriteAsync(context.Request.Query["challenge"].ToString());
        await server.RegisterAsync("To a webhook", provider, "order.placed", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\"{more}");
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

    private static async Task<string> EventIdAsync(EventsServer server, int number) =>
        (await server.Get<Signalbox.Storage.Database>().WriteAsync(session => session.QuerySingleOrDefault<string>(
            "SELECT event_id FROM events WHERE event_seq = @number", new { number })))!;

    private static async Task<JsonElement> StoryAsync(EventsServer server, string eventId) =>
        (await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/stories/{eventId}")).Body;
}
