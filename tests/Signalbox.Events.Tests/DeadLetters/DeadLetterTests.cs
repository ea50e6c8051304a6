using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Delivery;
using Signalbox.Events.Journal;
using Signalbox.Events.Replays;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.DeadLetters;

public sealed class DeadLetterTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_rejected_delivery_is_kept_shown_and_redriven(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        var first = await registration.PublishAsync("order-1");

        var letter = Assert.Single(await registration.DeadLettersAsync());
        var shown = await registration.GetAsync("/dead-letters/" + letter.GetProperty("id").GetString());
        registration.Status = 200;
        var redriven = await server.SendAsync(HttpMethod.Post, letter.GetProperty("_links").GetProperty("rel:redrive").GetProperty("href").GetString()!);
        var second = await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries") == 0);

        Assert.Equal(("endpoint_rejected", "endpoint"), (letter.GetProperty("reason").GetString(), letter.GetProperty("fault").GetString()));
        Assert.Equal((400, 1), (letter.GetProperty("last_code").GetInt32(), letter.GetProperty("attempts").GetInt32()));
        Assert.Equal(first.Headers["x-adobe-event-id"], letter.GetProperty("event_id").GetString());
        Assert.Equal(System.Text.Encoding.UTF8.GetString(first.Body), shown.GetProperty("event").GetRawText());
        Assert.Equal(400, shown.GetProperty("last_trace").GetProperty("trace").GetProperty("tracingResponse").GetProperty("responseCode").GetInt32());
        Assert.Equal(HttpStatusCode.Accepted, redriven.Status);
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Headers["x-adobe-digital-signature-1"], second.Headers["x-adobe-digital-signature-1"]);
        Assert.Empty(await registration.DeadLettersAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, registration.Path + "/dead-letters/" + letter.GetProperty("id").GetString())).Status);
    }

    [Theory, InlineData("\"\\ud800\""), InlineData("{\"\\udfff\":1.0}"), InlineData("1e999999"), InlineData("63 levels")]
    public async Task Whatever_was_published_can_be_shown(string data)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 400;
        data = data == "63 levels" ? new string('[', 63) + new string(']', 63) : data;
        await server.PublishAsync(registration.Provider, "a", data);
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("dead_letters") == 1);
        var letter = Assert.Single(await registration.DeadLettersAsync());

        var shown = await server.Http.GetStringAsync($"{registration.Path}/dead-letters/{letter.GetProperty("id").GetString()}");

        Assert.Contains($",\"data\":{data}}}", shown, StringComparison.Ordinal);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task They_are_listed_by_reason_in_pages_and_purged(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 404;
        foreach (var id in (string[])["1", "2", "3"])
        {
            await registration.PublishAsync(id);
        }

        var page = await registration.GetAsync("/dead-letters?limit=2&reason=endpoint_rejected");
        var next = (await server.SendAsync(HttpMethod.Get, page.GetProperty("_links").GetProperty("next").GetProperty("href").GetString()!)).Body;
        foreach (var (bound, count) in new[] { ("to=0001-01-01T00:00:00Z", 0), ("from=9999-12-31T23:59:59Z", 0), ("from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", 3) })
        {
            Assert.Equal(count, (await registration.GetAsync("/dead-letters?" + bound)).GetProperty("_embedded").GetProperty("dead_letters").GetArrayLength());
        }

        var untouched = await server.SendAsync(HttpMethod.Delete, registration.Path + "/dead-letters?to=0001-01-01T00:00:00Z");
        var purged = await server.SendAsync(HttpMethod.Delete, registration.Path + "/dead-letters?reason=endpoint_rejected");

        Assert.Equal(2, page.GetProperty("_embedded").GetProperty("dead_letters").GetArrayLength());
        Assert.Equal(3, page.GetProperty("counts").GetProperty("endpoint_rejected").GetInt64());
        Assert.Equal(1, next.GetProperty("_embedded").GetProperty("dead_letters").GetArrayLength());
        Assert.False(next.GetProperty("_links").TryGetProperty("next", out _));
        Assert.Equal(0, untouched.Body.GetProperty("purged").GetInt64());
        Assert.Equal(3, purged.Body.GetProperty("purged").GetInt64());
        Assert.Empty(await registration.DeadLettersAsync());
        foreach (var wrong in (string[])["?reason=bad", "?from=yesterday", "?limit=0", "?limit=101", "?after=x"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Get, registration.Path + "/dead-letters" + wrong)).Status);
        }
    }

    [Fact]
    public async Task Whoever_ends_many_says_which_ones_or_that_all_are_meant()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 404;
        await registration.PublishAsync("1");
        var letters = registration.Path + "/dead-letters";

        foreach (var (query, part) in new[]
        {
            ("", "Say which ones"), ("/", "Say which ones"), ("?all=false", "Say which ones"), ("?all=maybe", "'all' is 'maybe'. It must be true or false."),
            ("?all=", "'all' is ''"), ("?reasn=internal", "'reasn' is not known here. There are: reason, from, to, all."), ("?all=true&limit=1", "'limit' is not known here"),
            ("?reason=", "'reason' is empty"), ("?all=true&reason=internal", "'all' does not go with"), ("?reason=bad", "It must be one of"),
        })
        {
            var purge = await server.SendAsync(HttpMethod.Delete, letters + query);
            Assert.Equal((query, HttpStatusCode.BadRequest), (query, purge.Status));
            Assert.Contains(part, purge.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
            if (query != "/")
            {
                Assert.Equal((query, HttpStatusCode.BadRequest), (query, (await server.SendAsync(HttpMethod.Post, letters + "/redrive" + query)).Status));
            }
        }

        Assert.Single(await registration.DeadLettersAsync());
        Assert.Equal(1, (await server.SendAsync(HttpMethod.Delete, letters + "?all=true")).Body.GetProperty("purged").GetInt64());
    }

    [Theory]
    [InlineData("", """{"reason":5}""", "'reason'")]
    [InlineData("", "[]", "The body is not the JSON that is expected here")]
    [InlineData("", "nope", "The body is not the JSON that is expected here")]
    [InlineData("", "{}", "Say which ones")]
    [InlineData("", """{"all":false}""", "Say which ones")]
    [InlineData("", """{"reason":"bad"}""", "It must be one of")]
    [InlineData("", """{"reason":"internal","form":"2026-01-01"}""", "'form'")]
    [InlineData("", """{"reason":"","to":"2026-01-01"}""", "'reason' is empty")]
    [InlineData("?all=true", """{"reason":"internal"}""", "not in both")]
    public async Task A_redrive_whose_body_cannot_be_obeyed_is_refused(string query, string body, string part)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var registration = await server.RegisterAsync("push", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/\"");

        var path = $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}/dead-letters/redrive{query}";
        var refused = await server.SendAsync(HttpMethod.Post, path, body);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(part, refused.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", """{"reason":"retries_exhausted"}""", """{"reason":"retries_exhausted"}""", 0)]
    [InlineData("?reason=endpoint_rejected", null, """{"reason":"endpoint_rejected"}""", 1)]
    [InlineData("", """{"from":"2026-01-01","reason":"endpoint_rejected"}""", """{"failed_since":"2026-01-01T00:00:00.000Z","reason":"endpoint_rejected"}""", 1)]
    [InlineData("", """{"all":true}""", "{}", 1)]
    [InlineData("?all=true", null, "{}", 1)]
    public async Task A_redrive_takes_those_that_its_body_or_its_query_names(string query, string? body, string asked, int total)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await PushedRegistration.CreateAsync(server, hook);
        registration.Status = 404;
        await registration.PublishAsync("1");

        var started = await server.SendAsync(HttpMethod.Post, $"{registration.Path}/dead-letters/redrive{query}", body);

        Assert.Equal((HttpStatusCode.Accepted, asked), (started.Status, started.Body.GetProperty("asked").GetRawText()));
        Assert.Equal(total, started.Body.GetProperty("total").GetInt32());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_oldest_go_when_there_are_too_many_or_when_their_time_is_over(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var store = new DeadLetterStore(test.Database, test.Clock);
        for (var sequence = 1; sequence <= 5; sequence++)
        {
            await AddAsync(test.Database, store, 1, sequence, test.Clock.GetUtcNow());
        }

        Assert.Equal(3, await store.TrimAsync(1, 2, default));
        Assert.Equal(0, await store.TrimAsync(1, 2, default));
        Assert.Equal([5, 4], (await store.ListAsync(1, DeadLetterFilter.All, null, 10, default)).Select(l => l.EventSequence));
        Assert.Equal(3, await store.CountDroppedAsync(1, default));
        Assert.Equal([1], await store.FindRegistrationsAsync(default));

        test.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await AddAsync(test.Database, store, 1, 6, test.Clock.GetUtcNow());
        Assert.Equal(0, await store.DeleteExpiredAsync(TimeSpan.FromDays(7), default));
        test.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, await store.DeleteExpiredAsync(TimeSpan.FromDays(7), default));
        Assert.Equal(6, Assert.Single(await store.ListAsync(1, DeadLetterFilter.All, null, 10, default)).EventSequence);
    }

    [Fact]
    public async Task Whatever_becomes_a_dead_letter_is_counted_by_its_reason()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var way = new DeliveryEngine(test);
        var letters = new DeadLetterStore(test.Database, test.Clock);
        var replays = new ReplayStore(test.Database, letters, way.Options, test.Clock);
        var counted = new ConcurrentQueue<string?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "signalbox.events.dead_letters")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            counted.Enqueue($"{tags.ToArray().Single(tag => tag.Key == "reason").Value} {count}"));
        listener.Start();
        await test.Database.WriteAsync(session =>
        {
            session.Execute("INSERT INTO deliveries (registration_key, event_seq, next_attempt_at) VALUES (77, 1, 0)");
            session.Execute("INSERT INTO deliveries (registration_key, event_seq, next_attempt_at, replay_id) VALUES (77, 2, 0, 'r'), (77, 3, 0, 'r')");
        });

        await way.Store.RemoveAsync(
            new DeliveryKey(77, 1), null,
            new DeadLetter { RegistrationKey = 77, EventSequence = 1, Reason = DeadLetterReason.RegistrationDisabled, Attempts = 1, DeadAt = test.Clock.GetUtcNow() }, default);
        await replays.WithdrawAsync(
            new Replay
            {
                Key = 1,
                Id = "r",
                RegistrationKey = 77,
                Kind = "range",
                Asked = "{}",
                State = ReplayState.Cancelling,
                Cursor = 0,
                Until = 10,
                Total = 2,
                Queued = 2,
                Skipped = 0,
                Failed = 0,
                CreatedAt = default,
            },
            default);

        Assert.Contains("registration_disabled 1", counted);
        Assert.Contains("replay_cancelled 2", counted);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Many_go_to_the_last_one_although_one_is_taken_meanwhile(bool isPurge)
    {
        await using var test = new TestDatabase(TestEngine.Postgresql, EventsRoom.Migrations);
        var store = new DeadLetterStore(test.Database, test.Clock);
        await test.Database.WriteAsync(session => session.Execute(
            """
            INSERT INTO dead_letters (dead_letter_key, registration_key, event_seq, reason, attempts, dead_at)
            SELECT g, 1, g, 'internal', 1, 0 FROM generate_series(1, 1300) g
            """));

        // Somebody redrives the fifth.
        await using var other = await OpenTransaction.BeginAsync(
            test,
            """
            INSERT INTO dead_letter_ends (event_seq, registration_key, dead_letter_key, reason, attempts, dead_at, ending, ended_at)
            VALUES (5, 1, 5, 'internal', 1, 0, 'redriven', 0);
            DELETE FROM dead_letters WHERE dead_letter_key = 5
            """);
        var gone = isPurge ? store.PurgeAsync(1, DeadLetterFilter.All, default) : store.TrimAsync(1, 0, default);
        await other.CommitOnceAwaitedAsync();

        Assert.Equal(1299, await gone);
        Assert.Empty(await store.ListAsync(1, DeadLetterFilter.All, null, 10, default));
        Assert.Equal((1300, 1), await test.Database.WriteAsync(session => session.QuerySingleOrDefault<(long, long)>(
            "SELECT COUNT(*), SUM(CASE WHEN ending = 'redriven' THEN 1 ELSE 0 END) FROM dead_letter_ends")));
    }

    [Fact]
    public async Task An_event_is_kept_as_long_as_its_dead_letter()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        await server.RegisterAsync("one", provider, "a");
        await server.PublishAsync(provider, "a");
        await server.PublishAsync(provider, "a", id: "2");
        server.Clock.Advance(TimeSpan.FromHours(1));
        await AddAsync(server.Get<Database>(), server.Get<DeadLetterStore>(), 1, 1, server.Clock.GetUtcNow());

        server.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(50));
        var retention = server.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().OfType<JournalRetention>().Single();
        await retention.DeleteExpiredAsync(default);

        Assert.Equal(1, await server.CountAsync("events"));
    }

    [Theory]
    [InlineData(GiveUpReason.Rejected, 404, false, DeadLetterReason.EndpointRejected, DeadLetterFault.Endpoint)]
    [InlineData(GiveUpReason.Expired, 503, false, DeadLetterReason.RetriesExhausted, DeadLetterFault.Endpoint)]
    [InlineData(GiveUpReason.Expired, 604, false, DeadLetterReason.RetriesExhausted, DeadLetterFault.Endpoint)]
    [InlineData(GiveUpReason.Expired, 602, true, DeadLetterReason.TargetRefused, DeadLetterFault.Endpoint)]
    [InlineData(GiveUpReason.Expired, 601, false, DeadLetterReason.Internal, DeadLetterFault.Signalbox)]
    [InlineData(GiveUpReason.Expired, null, false, DeadLetterReason.Internal, DeadLetterFault.Signalbox)]
    [InlineData(GiveUpReason.NotPushed, 503, false, DeadLetterReason.RegistrationDisabled, DeadLetterFault.User)]
    public void Failures_of_the_endpoint_are_told_apart_from_ours(
        GiveUpReason giveUp, int? code, bool isTargetRefused, DeadLetterReason reason, DeadLetterFault fault)
    {
        Assert.Equal(reason, DeadLetterWords.ReasonOf(giveUp, code, isTargetRefused));
        Assert.Equal(fault, DeadLetterWords.FaultOf(reason));
        Assert.Equal(reason, DeadLetterWords.ToReason(DeadLetterWords.Of(reason)));
    }

    private static Task AddAsync(Database database, DeadLetterStore store, long registration, long sequence, DateTimeOffset at) =>
        database.WriteAsync(session => store.Add(session,
        [
            new DeadLetter
            {
                RegistrationKey = registration,
                EventSequence = sequence,
                Reason = DeadLetterReason.RetriesExhausted,
                Attempts = 1,
                DeadAt = at,
            },
        ]));
}
