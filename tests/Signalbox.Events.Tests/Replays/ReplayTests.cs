using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Replays;

public sealed class ReplayTests
{
    private const string Webhook = "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/\"";

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task One_event_is_delivered_again_with_the_same_bytes_and_signatures_and_a_mark(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        await registration.PublishAsync("order-1");
        var first = await registration.PublishAsync("order-2");

        var replay = await StartAsync(registration, $$"""{"event_id":"{{first.Headers["x-adobe-event-id"]}}"}""");
        var done = await RunAsync(registration, replay);
        var again = await hook.NextAsync();

        Assert.Equal(first.Body, again.Body);
        Assert.Equal(first.Headers["x-adobe-digital-signature-2"], again.Headers["x-adobe-digital-signature-2"]);
        Assert.False(first.Headers.ContainsKey("x-signalbox-replay"));
        Assert.Equal(done.GetProperty("id").GetString(), again.Headers["x-signalbox-replay"]);
        Assert.Equal((1, 1, 0), (Number(done, "total"), Number(done, "delivered"), Number(done, "failed")));
        Assert.Equal(0, hook.Unread);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task All_that_failed_since_a_time_is_delivered_again_and_fails_again_only_once(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        await registration.PublishAsync("too old");
        server.Clock.Advance(TimeSpan.FromHours(1));
        var since = Events.Edge.ApiTime.Format(server.Clock.GetUtcNow());
        await registration.PublishAsync("order-1");
        await registration.PublishAsync("order-2");

        var failed = await RunAsync(registration, await StartAsync(registration, $$"""{"failed_since":"{{since}}"}"""));
        registration.Status = 200;
        var delivered = await RunAsync(registration, await StartAsync(registration, $$"""{"failed_since":"{{since}}","reason":"endpoint_rejected"}"""));

        Assert.Equal((2, 0, 2), (Number(failed, "total"), Number(failed, "delivered"), Number(failed, "failed")));
        Assert.Equal((2, 2, 0), (Number(delivered, "total"), Number(delivered, "delivered"), Number(delivered, "failed")));
        Assert.Equal(4, hook.Unread);
        Assert.Single(await registration.DeadLettersAsync());
    }

    [Fact]
    public async Task What_fails_again_after_a_start_with_an_earlier_clock_is_not_replayed_round_and_round()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        await registration.PublishAsync("order-1");
        await registration.PublishAsync("order-2");
        await server.Get<Storage.Database>().WriteAsync(session => session.Execute(
            "UPDATE dead_letters SET dead_letter_key = @later WHERE event_seq = (SELECT MAX(event_seq) FROM dead_letters)",
            new { later = TimeOrderedKeys.FirstOf(server.Clock.GetUtcNow() + TimeSpan.FromHours(1)) }));
        await server.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().OfType<EarlierKeys>().Single().StartAsync(default);

        var done = await RunAsync(registration, await StartAsync(registration, """{"failed_since":"2025-12-31"}"""));

        Assert.Equal((2, 0, 2), (Number(done, "total"), Number(done, "delivered"), Number(done, "failed")));
        Assert.Equal(2, hook.Unread);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_range_of_time_is_replayed_a_few_events_at_a_time(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(
            engine, new EventsOptions { AllowPrivateTargets = true, ReplayEventsPerSecond = 1_000 });
        var registration = await PushedRegistration.CreateAsync(server, hook);
        await registration.PublishAsync("before");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        var from = Events.Edge.ApiTime.Format(server.Clock.GetUtcNow());
        for (var i = 0; i < 12; i++)
        {
            await registration.PublishAsync($"order-{i}");
        }

        server.Clock.Advance(TimeSpan.FromMinutes(1));
        var to = Events.Edge.ApiTime.Format(server.Clock.GetUtcNow());
        await registration.PublishAsync("after");

        var done = await RunAsync(registration, await StartAsync(registration, $$"""{"from":"{{from}}","to":"{{to}}"}"""));

        Assert.Equal((12, 12), (Number(done, "total"), Number(done, "delivered")));
        Assert.Equal(12, hook.Unread);
        var list = (await registration.GetAsync("/replays")).GetProperty("_embedded").GetProperty("replays");
        Assert.Equal(done.GetRawText(), Assert.Single(list.EnumerateArray()).GetRawText());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_range_of_time_is_what_was_received_in_it_although_the_clock_was_set_back_meanwhile(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        var path = $"{server.Workspace}/registrations/{(await server.RegisterAsync("one", provider, "a", Webhook)).GetProperty("registration_id").GetString()}";
        var begin = server.Clock.GetUtcNow();
        for (var i = 1; i <= 5; i++)
        {
            await server.PublishAsync(provider, "a", id: $"{i}");
        }

        await server.Get<Storage.Database>().WriteAsync(session =>
        {
            session.Execute("DELETE FROM deliveries");
            foreach (var (sequence, second) in new[] { (1, 5), (2, 6), (3, 2), (4, 3), (5, 4) })
            {
                var at = new { sequence, at = begin.AddSeconds(second).ToUnixTimeMilliseconds() };
                session.Execute("UPDATE events SET received_at = @at WHERE event_seq = @sequence", at);
                session.Execute("UPDATE journal SET received_at = @at WHERE event_seq = @sequence", at);
            }
        });
        var (from, to) = (Events.Edge.ApiTime.Format(begin.AddSeconds(3)), Events.Edge.ApiTime.Format(begin.AddSeconds(6)));
        var started = (await server.SendAsync(HttpMethod.Post, path + "/replays", $$"""{"from":"{{from}}","to":"{{to}}"}""")).Body;
        var store = server.Get<ReplayStore>();
        for (var step = 0; step < 2; step++)
        {
            await store.AdvanceAsync((await store.FindAsync(1, started.GetProperty("id").GetString()!, default))!, 2, default);
        }

        var replay = Assert.Single(await store.ListAsync(1, null, 10, default));
        Assert.Equal((3, 3, 0, true), (replay.Total, replay.Queued, replay.Skipped, replay.IsExhausted));
        Assert.Equal(
            [1, 4, 5], await server.Get<Storage.Database>().WriteAsync(session => session.Query<long>("SELECT event_seq FROM deliveries ORDER BY event_seq")));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_long_stretch_of_other_times_within_a_range_is_walked_over(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var store = new ReplayStore(test.Database, new DeadLetterStore(test.Database, test.Clock), new EventsOptions(), test.Clock);
        await test.Database.WriteAsync(session => session.Execute(
            """
            INSERT INTO journal (registration_key, event_seq, received_at)
            WITH RECURSIVE places (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM places WHERE n < 2500)
            SELECT 1, n, CASE WHEN n IN (1, 2500) THEN 0 ELSE 9 END FROM places
            """));
        var replay = new Replay
        {
            Key = 1,
            Id = "replay",
            RegistrationKey = 1,
            Kind = ReplaySelection.Range.Word,
            Asked = "{}",
            ReceivedFrom = DateTimeOffset.UnixEpoch,
            ReceivedBefore = DateTimeOffset.FromUnixTimeMilliseconds(5),
            State = ReplayState.Running,
            Cursor = 0,
            Until = 2_500,
            Total = 2,
            Queued = 0,
            Skipped = 0,
            Failed = 0,
            CreatedAt = default,
        };
        Assert.True(await store.InsertAsync(replay));
        await test.Database.WriteAsync(session => session.Execute(
            """
            INSERT INTO registrations (registration_key, registration_id, organization_id, project_id, workspace_id, client_id, credential_id, name, description,
              delivery_type, enabled, webhook_status, created_at, updated_at)
            VALUES (1, '', '', '', '', '', '', '', '', 'webhook', TRUE, 'verified', 0, 0)
            """));

        var cursors = new List<long>();
        while (cursors.Count < 4)
        {
            await store.AdvanceAsync(replay, 10, default);
            cursors.Add((await store.FindAsync(1, "replay", default))!.Cursor);
        }

        Assert.Equal([1_000, 2_000, 2_500, 2_500], cursors);
        Assert.Equal(2, (await store.FindAsync(1, "replay", default))!.Skipped);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_cancelled_replay_owes_nothing_and_loses_nothing(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        await registration.PublishAsync("order-1");
        registration.Status = 503;
        var replay = await StartAsync(registration, """{"failed_since":"2026-01-01"}""");
        await server.Get<ReplayRunner>().StepAsync(default);
        await hook.NextAsync();

        var cancelled = await server.SendAsync(HttpMethod.Delete, $"{registration.Path}/replays/{replay}");
        var end = await RunAsync(registration, replay);

        Assert.Equal(HttpStatusCode.Accepted, cancelled.Status);
        Assert.Equal("cancelled", end.GetProperty("state").GetString());
        Assert.Equal(0, await server.CountAsync("deliveries"));
        Assert.Equal("replay_cancelled", Assert.Single(await registration.DeadLettersAsync()).GetProperty("reason").GetString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_is_under_way_when_its_replay_is_cancelled_is_delivered_and_no_dead_letter(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        await registration.PublishAsync("order-1");
        var release = new TaskCompletionSource();
        hook.Answer = _ => release.Task;
        var replay = await StartAsync(registration, """{"failed_since":"2026-01-01"}""");
        await server.Get<ReplayRunner>().StepAsync(default);
        await hook.NextAsync();

        await server.SendAsync(HttpMethod.Delete, $"{registration.Path}/replays/{replay}");
        await RunAsync(registration, replay);
        var meanwhile = Assert.Single(await registration.DeadLettersAsync());
        release.SetResult();
        await DeliveryEngine.UntilAsync(async () => (await registration.DeadLettersAsync()).Count == 0);
        var end = await registration.GetAsync("/replays/" + replay);

        Assert.Equal("replay_cancelled", meanwhile.GetProperty("reason").GetString());
        Assert.Equal(("cancelled", 1, 0), (end.GetProperty("state").GetString(), Number(end, "delivered"), Number(end, "failed")));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_outcome_of_what_a_cancelled_replay_had_under_way_does_not_concern_the_next_replay(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        await registration.PublishAsync("order-1");
        var release = new TaskCompletionSource();
        hook.Answer = async context =>
        {
            await release.Task;
            context.Response.StatusCode = 400;
        };
        var first = await StartAsync(registration, """{"failed_since":"2026-01-01"}""");
        await server.Get<ReplayRunner>().StepAsync(default);
        await hook.NextAsync();
        await server.SendAsync(HttpMethod.Delete, $"{registration.Path}/replays/{first}");
        await RunAsync(registration, first);
        var second = await StartAsync(registration, """{"failed_since":"2026-01-01"}""");
        await DeliveryEngine.UntilAsync(async () =>
        {
            await server.Get<ReplayRunner>().StepAsync(default);
            return await server.CountAsync("deliveries") == 1;
        });

        hook.Answer = _ => Task.CompletedTask;
        release.SetResult();
        var one = await RunAsync(registration, first);
        var two = await RunAsync(registration, second);

        Assert.Equal(("cancelled", 0, 1), (one.GetProperty("state").GetString(), Number(one, "delivered"), Number(one, "failed")));
        Assert.Equal(("done", 1, 0), (two.GetProperty("state").GetString(), Number(two, "delivered"), Number(two, "failed")));
        Assert.Equal(1, hook.Unread);
        Assert.Empty(await registration.DeadLettersAsync());
    }

    [Fact]
    public async Task All_that_a_cancelled_replay_owes_is_withdrawn_although_an_outcome_is_kept_meanwhile()
    {
        await using var test = new TestDatabase(TestEngine.Postgresql, EventsRoom.Migrations);
        await test.Database.WriteAsync(session => session.Execute(
            "INSERT INTO deliveries (registration_key, event_seq, next_attempt_at, replay_id) SELECT 1, g, 0, 'replay' FROM generate_series(1, 450) g"));
        var store = new ReplayStore(test.Database, new DeadLetterStore(test.Database, test.Clock), new EventsOptions(), test.Clock);
        var cancelled = new Replay
        {
            Key = 1,
            Id = "replay",
            RegistrationKey = 1,
            Kind = ReplaySelection.Range.Word,
            Asked = "{}",
            State = ReplayState.Cancelling,
            Cursor = 450,
            Until = 450,
            Total = 450,
            Queued = 450,
            Skipped = 0,
            Failed = 0,
            CreatedAt = default,
        };

        await using var other = await OpenTransaction.BeginAsync(test, "DELETE FROM deliveries WHERE registration_key = 1 AND event_seq = 5");
        var withdrawn = store.WithdrawAsync(cancelled, default);
        await other.CommitOnceAwaitedAsync();
        var chunks = 1;
        for (var isLast = await withdrawn; !isLast; chunks++)
        {
            isLast = await store.WithdrawAsync(cancelled, default);
        }

        Assert.Equal((3, 0), (chunks, await test.Database.WriteAsync(session => session.ScalarPrepared<long>("SELECT COUNT(*) FROM deliveries"))));
    }

    [Fact]
    public async Task What_waits_in_order_behind_a_cancelled_replay_goes_at_once()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        await server.SendAsync(HttpMethod.Put, registration.Path, server.RegistrationJson(
            "Mine", registration.Provider, "a", $"\"ordered_delivery\":true,\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\""));
        await hook.NextAsync();
        var first = await registration.PublishAsync("order-1");
        registration.Status = 503;
        var replay = await StartAsync(registration, $$"""{"event_id":"{{first.Headers["x-adobe-event-id"]}}"}""");
        await server.Get<ReplayRunner>().StepAsync(default);
        await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries WHERE retry_count = 1") == 1);
        registration.Status = 200;

        await server.SendAsync(HttpMethod.Delete, $"{registration.Path}/replays/{replay}");
        await server.Get<ReplayRunner>().StepAsync(default);
        await server.PublishAsync(registration.Provider, "a", "{}", "order-2");

        Assert.Equal("order-2", JsonDocument.Parse((await hook.NextAsync()).Body).RootElement.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Two_replays_take_one_share_of_the_window_together()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(options: new EventsOptions { AllowPrivateTargets = true, ConcurrencyPerRegistration = 32 });
        var registration = await PushedRegistration.CreateAsync(server, hook);
        for (var i = 1; i <= 20; i++)
        {
            await registration.PublishAsync($"order-{i}");
        }

        var known = (await server.Get<IRegistrationDirectory>().FindAsync(new RegistrationId(Guid.Parse(registration.Path[^36..])), default))!;
        var share = server.Get<Dispatcher>().FindRoomForReplay(known);
        var release = new TaskCompletionSource();
        hook.Answer = _ => release.Task;
        await StartAsync(registration, """{"from":"2025-12-31","to":"2026-01-02"}""");
        await StartAsync(registration, """{"from":"2025-12-31","to":"2026-01-02"}""");
        await DeliveryEngine.UntilAsync(async () =>
        {
            await server.Get<ReplayRunner>().StepAsync(default);
            return await server.CountAsync("deliveries") >= share;
        });
        for (var step = 0; step < 20; step++)
        {
            await server.Get<ReplayRunner>().StepAsync(default);
        }

        var owed = await server.CountAsync("deliveries");
        release.SetResult();
        Assert.InRange(share, 1, 8);
        Assert.Equal(share, owed);
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries") == 0);
    }

    [Fact]
    public async Task A_cursor_moves_with_what_it_owes_so_that_a_restart_neither_skips_nor_repeats()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var path = $"{server.Workspace}/registrations/{(await server.RegisterAsync("one", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/\"")).GetProperty("registration_id").GetString()}";
        for (var i = 0; i < 5; i++)
        {
            await server.PublishAsync(provider, "a", id: $"{i}");
        }

        // Two of them are owed still; the others were delivered.
        await server.Get<Storage.Database>().WriteAsync(session => session.Execute("DELETE FROM deliveries WHERE event_seq > 2"));
        await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("one", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/\",\"enabled\":true"));
        var id = (await server.SendAsync(HttpMethod.Post, path + "/replays", """{"from":"2025-12-31","to":"2026-01-02"}""")).Body.GetProperty("id").GetString()!;
        var store = server.Get<ReplayStore>();

        await store.AdvanceAsync((await store.FindAsync(1, id, default))!, 2, default);
        await store.AdvanceAsync((await store.FindAsync(1, id, default))!, 2, default);
        await store.AdvanceAsync((await store.FindAsync(1, id, default))!, 2, default);

        var replay = (await store.FindAsync(1, id, default))!;
        Assert.Equal((5, 3, 2, true), (replay.Total, replay.Queued, replay.Skipped, replay.IsExhausted));
        Assert.Equal(5, await server.CountAsync("deliveries"));
    }

    [Fact]
    public async Task A_replay_to_an_endpoint_that_asked_for_a_pause_says_until_when_it_waits()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        var first = (await registration.PublishAsync("order-1")).Headers["x-adobe-event-id"];
        hook.Answer = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        };
        await server.PublishAsync(registration.Provider, "a");
        await hook.NextAsync();

        var id = await StartAsync(registration, $$"""{"event_id":"{{first}}"}""");
        JsonElement held = default;
        await DeliveryEngine.UntilAsync(async () => (await registration.GetAsync("/replays/" + id)).TryGetProperty("held", out held));

        Assert.Equal("endpoint_pause", held.GetProperty("reason").GetString());
        Assert.InRange(held.GetProperty("until").GetDateTimeOffset() - server.Clock.GetUtcNow(), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(63));
        Assert.Matches("^Waits until 2026-01-01T0[01]:[0-9:]+Z: its endpoint asked for a pause", held.GetProperty("why").GetString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_replay_says_what_it_waits_for_of_its_registration_and_of_other_replays(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine, new EventsOptions { ReplayWindowPercent = 1 });
        var provider = await server.CreateProviderAsync("a");
        var path = $"{server.Workspace}/registrations/{(await server.RegisterAsync("push", provider, "a", Webhook)).GetProperty("registration_id").GetString()}";
        await server.PublishAsync(provider, "a");
        await server.PublishAsync(provider, "a");
        await server.Get<Signalbox.Storage.Database>().WriteAsync(session => session.Execute("DELETE FROM deliveries"));
        const string Range = """{"from":"2025-12-31","to":"2026-01-02"}""";
        var first = (await server.SendAsync(HttpMethod.Post, path + "/replays", Range)).Body.GetProperty("id").GetString();
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries") == 1);
        var second = (await server.SendAsync(HttpMethod.Post, path + "/replays", Range)).Body.GetProperty("id").GetString();
        server.Clock.Advance(TimeSpan.FromSeconds(2));

        var behind = (await server.SendAsync(HttpMethod.Get, $"{path}/replays/{second}")).Body.GetProperty("held");
        await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("push", provider, "a", Webhook + ",\"enabled\":false"));
        var off = (await server.SendAsync(HttpMethod.Get, path + "/replays")).Body.GetProperty("_embedded").GetProperty("replays");

        Assert.Equal(("behind_replay", first), (behind.GetProperty("reason").GetString(), behind.GetProperty("behind_replay_id").GetString()));
        Assert.Equal(
            [("paused", "not_delivered_to"), ("paused", "not_delivered_to")],
            off.EnumerateArray().Select(replay => (replay.GetProperty("state").GetString(), replay.GetProperty("held").GetProperty("reason").GetString())));
        Assert.EndsWith("and enabled is false.", off[0].GetProperty("held").GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_cannot_be_obeyed_are_refused_with_the_remedy()
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { ReplaysPerRegistrationMax = 1 });
        var provider = await server.CreateProviderAsync("a");
        var journal = $"{server.Workspace}/registrations/{(await server.RegisterAsync("journal", provider, "a")).GetProperty("registration_id").GetString()}/replays";
        var pushed = $"{server.Workspace}/registrations/{(await server.RegisterAsync("push", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/\"")).GetProperty("registration_id").GetString()}/replays";
        foreach (var body in (string[])[
            "{}", """{"event_id":"x"}""", $$"""{"event_id":"{{Guid.Empty}}"}""", """{"failed_since":"soon"}""", """{"failed_since":"2026-01-01","reason":"x"}""",
            """{"from":"2026-01-02","to":"2026-01-01"}""", """{"from":"2026-01-01","event_id":"x"}""", "[]", ""])
        {
            Assert.Equal((body, HttpStatusCode.BadRequest), (body, (await server.SendAsync(HttpMethod.Post, pushed, body)).Status));
        }

        Assert.Equal(HttpStatusCode.Conflict, (await server.SendAsync(HttpMethod.Post, journal, """{"from":"2025-12-31"}""")).Status);
        await server.PublishAsync(provider, "a");
        Assert.Equal(HttpStatusCode.Accepted, (await server.SendAsync(HttpMethod.Post, pushed, """{"from":"2025-12-31","to":"2026-01-02"}""")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await server.SendAsync(HttpMethod.Post, pushed, """{"from":"2025-12-31","to":"2026-01-02"}""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, pushed + "/unknown")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Delete, pushed + "/unknown")).Status);
    }

    [Theory]
    [InlineData("""{"failed_since":"2026-01-01","to":"2026-01-02"}""", "'to' does not go with 'failed_since'. Remove it. What failed since a time ends with 'failed_before'.")]
    [InlineData("""{"event_id":"x","to":"2026-01-02"}""", "'to' does not go with 'event_id'. Remove it. An event needs nothing beside it.")]
    [InlineData("""{"event_id":"x","reason":"internal"}""", "'reason' does not go with 'event_id'. Remove it. An event needs nothing beside it.")]
    [InlineData("""{"from":"2026-01-01","failed_before":"2026-01-02"}""", "'failed_before' does not go with 'from'. Remove it. A range of time ends with 'to'; 'reason' and 'failed_before' go with 'failed_since'.")]
    [InlineData("""{"failed_since":"2026-01-01","failed_befor":"2026-01-02"}""", "'failed_befor' is not known here. Remove it, or correct its name, at line 1, byte 45.")]
    [InlineData("""{"from":"2026-01-02"}""", "'from' is 2026-01-02T00:00:00.000Z, which is not before now, 2026-01-01T00:00:00.000Z: no event was received since. Give an earlier time.")]
    [InlineData("""{"event_id":"x","from":"2026-01-01"}""", "Say what to replay with exactly one of 'event_id' (an 'eventid'), 'failed_since' (a time) or 'from' (a time, with 'to').")]
    public async Task What_does_not_go_together_is_refused_and_not_left_out(string body, string message)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var registration = await server.RegisterAsync("push", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/\"");

        var refused = await server.SendAsync(HttpMethod.Post, $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}/replays", body);

        Assert.Equal((HttpStatusCode.BadRequest, message), (refused.Status, refused.Body.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Live_deliveries_that_wait_leave_room_for_one_event_of_replays_at_a_time()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        var known = (await server.Get<IRegistrationDirectory>().FindAsync(new RegistrationId(Guid.Parse(registration.Path[^36..])), default))!;
        var dispatcher = server.Get<Dispatcher>();
        await registration.PublishAsync("before");
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries") == 0);
        Assert.True(dispatcher.FindRoomForReplay(known) > 1);

        var release = new TaskCompletionSource();
        hook.Answer = _ => release.Task;
        for (var i = 0; i < 40; i++)
        {
            await server.PublishAsync(registration.Provider, "a", id: $"{i}");
        }

        Assert.Equal(1, dispatcher.FindRoomForReplay(known));
        await StartAsync(registration, """{"from":"2025-12-31","to":"2026-01-02"}""");
        await DeliveryEngine.UntilAsync(async () =>
        {
            await server.Get<ReplayRunner>().StepAsync(default);
            return await server.CountAsync("deliveries") == 41;
        });
        await server.Get<ReplayRunner>().StepAsync(default);
        Assert.Equal(41, await server.CountAsync("deliveries"));
        release.SetResult();
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries") == 0);
        Assert.True(dispatcher.FindRoomForReplay(known) > 1);
    }

    [Theory, InlineData(1, 1), InlineData(2, 1), InlineData(4, 2), InlineData(5, 5), InlineData(10, 10)]
    public async Task The_steps_of_a_second_owe_no_more_than_the_rate_of_a_replay(int rate, int owedMin)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var way = new DeliveryEngine(test, new EventsOptions { ReplayEventsPerSecond = rate });
        way.Register(1, new Uri("http://x/"));
        var jobs = new EndlessReplay();
        using var bell = new Bell<ReplayRunner>(test.Clock);
        using var runner = new ReplayRunner(jobs, bell, way.Dispatcher, way, way.Options, test.Clock, NullLogger<ReplayRunner>.Instance);

        for (var step = 0; step < 5; step++)
        {
            await runner.StepAsync(default);
            test.Clock.Advance(TimeSpan.FromMilliseconds(200));
        }

        Assert.InRange(jobs.Owed, owedMin, rate);
    }

    [Theory, InlineData(1, 1), InlineData(5, 1), InlineData(50, 10)]
    public async Task Steps_that_come_sooner_make_a_replay_no_faster(int rate, int owed)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var way = new DeliveryEngine(test, new EventsOptions { ReplayEventsPerSecond = rate, ConcurrencyPerRegistration = 100 });
        way.Register(1, new Uri("http://x/"));
        var jobs = new EndlessReplay();
        using var bell = new Bell<ReplayRunner>(test.Clock);
        using var runner = new ReplayRunner(jobs, bell, way.Dispatcher, way, way.Options, test.Clock, NullLogger<ReplayRunner>.Instance);

        for (var step = 0; step < 50; step++)
        {
            await runner.StepAsync(default);
        }

        Assert.Equal(owed, jobs.Owed);
    }

    [Fact]
    public async Task Ended_replays_are_forgotten_after_a_week_although_another_one_waits()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var path = $"{server.Workspace}/registrations/{(await server.RegisterAsync("one", provider, "a", Webhook)).GetProperty("registration_id").GetString()}";
        await server.PublishAsync(provider, "a");
        var ended = (await server.SendAsync(HttpMethod.Post, path + "/replays", """{"from":"2025-12-31"}""")).Body.GetProperty("id").GetString()!;
        await server.Get<ReplayStore>().EndAsync(ended, ReplayState.Done, default);
        server.Clock.Advance(TimeSpan.FromDays(7));
        await server.SendAsync(HttpMethod.Post, path + "/replays", """{"from":"2025-12-31"}""");
        await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("one", provider, "a", Webhook + ",\"enabled\":false"));

        server.Clock.Advance(TimeSpan.FromHours(2));

        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("replays") == 1);
    }

    private static async Task<string> StartAsync(PushedRegistration registration, string body)
    {
        var started = await registration.Server.SendAsync(HttpMethod.Post, registration.Path + "/replays", body);
        Assert.Equal((HttpStatusCode.Accepted, ""), (started.Status, started.Status == HttpStatusCode.Accepted ? "" : started.Body.GetRawText()));
        return started.Body.GetProperty("id").GetString()!;
    }

    /// <summary>Steps until it has ended, without moving the clock.</summary>
    private static async Task<JsonElement> RunAsync(PushedRegistration registration, string id)
    {
        JsonElement replay = default;
        await DeliveryEngine.UntilAsync(async () =>
        {
            await registration.Server.Get<ReplayRunner>().StepAsync(default);
            replay = await registration.GetAsync("/replays/" + id);
            return replay.TryGetProperty("ended_date", out _);
        });
        return replay;
    }

    private static long Number(JsonElement replay, string name) => replay.GetProperty(name).GetInt64();

    /// <summary>One replay that is always running, and whose deliveries end at once.</summary>
    private sealed class EndlessReplay : IReplayJobs
    {
        public int Owed { get; private set; }

        public Task<IReadOnlyList<Replay>> ListActiveAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Replay>>(
        [
            new Replay
            {
                Key = 1,
                Id = "endless",
                RegistrationKey = 1,
                Kind = ReplaySelection.Range.Word,
                Asked = "{}",
                State = ReplayState.Running,
                Cursor = Owed,
                Until = long.MaxValue,
                Total = 0,
                Queued = Owed,
                Skipped = 0,
                Failed = 0,
                CreatedAt = default,
            },
        ]);

        public Task<int> CountDueAsync(long registrationKey, CancellationToken cancellationToken) => Task.FromResult(0);

        public Task<int?> AdvanceAsync(Replay replay, int limit, CancellationToken cancellationToken)
        {
            Owed += limit;
            return Task.FromResult<int?>(0);
        }

        public Task<bool> WithdrawAsync(Replay replay, CancellationToken cancellationToken) => Task.FromResult(true);

        public Task EndAsync(string id, ReplayState state, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> DeleteEndedAsync(TimeSpan age, CancellationToken cancellationToken) => Task.FromResult(0);
    }
}
