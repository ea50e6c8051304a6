using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Events.Stories;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Delivery;

/// <summary>Whom the dispatcher sends what, and when: order, rate, pauses, turns, batches.</summary>
public sealed class PacingTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task An_ordered_registration_gets_its_events_one_by_one_behind_a_failing_first(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        await way.StartAsync();
        hook.AnswerWith(503);
        var registration = way.Register(1, hook.Url) with { IsOrdered = true };
        way.Registrations[1] = registration;
        // The last one first: what counts is the order of the commits, not of the offers.
        var events = new List<AcceptedEvent>();
        for (var i = 1; i <= 10; i++)
        {
            events.Add(await way.CommitAsync(i, registration));
        }

        foreach (var accepted in events.AsEnumerable().Reverse())
        {
            way.Dispatcher.Offer(accepted, [registration]);
        }

        var first = await hook.NextAsync();
        var due = await way.NextAttemptAsync(1);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.InFlight == 0));
        Assert.Equal(0, hook.Unread);
        hook.AnswerWith(200);
        test.Clock.Advance(due - test.Clock.GetUtcNow());

        Assert.Equal(events[0].EventId.ToString(), first.Headers["x-adobe-event-id"]);
        foreach (var expected in events)
        {
            Assert.Equal(expected.EventId.ToString(), (await hook.NextAsync()).Headers["x-adobe-event-id"]);
        }

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
    }

    [Fact]
    public async Task A_read_under_way_when_a_registration_becomes_ordered_is_read_again_in_order()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var way = new DeliveryEngine(test);
        var registration = way.Register(1, new Uri("http://x/"));
        var dispatcher = way.Dispatcher;
        dispatcher.ExpectMore(registration);
        dispatcher.BeginRefill(registration);

        dispatcher.Follow(registration with { IsOrdered = true, UpdatedAt = registration.UpdatedAt.AddMilliseconds(1) });
        dispatcher.EndRefill(1, [Lanes.Owed(registration, 2, 10, 0)], mayHaveMore: false, after: null);

        Assert.Equal(0, dispatcher.Waiting + dispatcher.InFlight);
    }

    [Fact]
    public async Task A_rate_limit_spaces_the_requests()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        var registration = way.Register(1, hook.Url) with { DeliveryRatePerSecond = 2 };
        for (var i = 1; i <= 3; i++)
        {
            await way.PublishAsync(i, registration);
        }

        for (var i = 1; i <= 3; i++)
        {
            await hook.NextAsync();
            var left = 3 - i;
            await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == left && way.Dispatcher.InFlight == 0);
            Assert.Equal(0, hook.Unread);
            test.Clock.Advance(TimeSpan.FromMilliseconds(499));
            Assert.Equal(0, way.Dispatcher.InFlight);
            test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public async Task What_waited_so_long_that_it_is_read_again_takes_nothing_of_the_rate()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        // The first look at the table is over once it has brought this one.
        await way.CommitAsync(0, way.Register(2, hook.Url));
        await way.StartAsync();
        await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
        hook.Answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1200";
            return Task.CompletedTask;
        };
        var registration = way.Register(1, hook.Url) with { DeliveryRatePerSecond = 1 };
        way.Registrations[1] = registration;
        await way.PublishAsync(1, registration);
        await hook.NextAsync();
        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.InFlight == 0));
        for (var i = 2; i <= 5; i++)
        {
            await way.PublishAsync(i, registration);
        }

        Assert.Equal(4, way.Dispatcher.Waiting);
        hook.AnswerWith(200);
        test.Clock.Advance(TimeSpan.FromSeconds(1261));

        // Without another second.
        await hook.NextAsync();
    }

    [Fact]
    public async Task Retry_After_holds_up_everything_for_that_endpoint_and_nobody_else()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var busy = await WebhookListener.StartAsync();
        await using var other = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        await way.StartAsync();
        busy.Answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "600";
            return Task.CompletedTask;
        };
        var (paused, open) = (way.Register(1, busy.Url), way.Register(2, other.Url));
        var start = test.Clock.GetUtcNow();
        await way.PublishAsync(1, paused);
        await busy.NextAsync();
        Assert.InRange(await way.NextAttemptAsync(1), start.AddSeconds(600), start.AddSeconds(660));
        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.InFlight == 0));

        await way.PublishAsync(2, paused, open);
        await other.NextAsync();
        // A clock that moves while the answer is read is a timeout.
        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.InFlight == 0));
        test.Clock.Advance(TimeSpan.FromSeconds(599));
        Assert.Equal(0, busy.Unread);
        busy.AnswerWith(200);
        test.Clock.Advance(TimeSpan.FromSeconds(62));

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
        Assert.Equal(2, busy.Unread);
    }

    [Fact]
    public async Task A_lone_event_of_a_batch_registration_goes_at_once_as_an_array_of_one()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);

        await way.PublishAsync(1, way.Register(1, hook.Url, DeliveryType.WebhookBatch));

        // The clock stands still: nothing was waited for.
        Assert.Equal(1, JsonDocument.Parse((await hook.NextAsync()).Body).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task What_comes_while_a_request_is_under_way_travels_in_batches_of_20()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test, new EventsOptions { AllowPrivateTargets = true, ConcurrencyPerRegistration = 1 });
        var registration = way.Register(1, hook.Url, DeliveryType.WebhookBatch);
        var release = new TaskCompletionSource();
        hook.Answer = _ => release.Task;
        var events = new List<AcceptedEvent>();
        for (var i = 1; i <= 46; i++)
        {
            events.Add(await way.PublishAsync(i, registration));
        }

        var first = await hook.NextAsync();
        release.SetResult();
        var second = await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() <= 5);

        Assert.Equal([1, 20], new[] { first, second }.Select(r => JsonDocument.Parse(r.Body).RootElement.GetArrayLength()));
        Assert.Equal("application/json; charset=utf-8", second.Headers["content-type"]);
        Assert.Equal(string.Join(',', events.Skip(1).Take(20).Select(e => e.EventId)), second.Headers["x-adobe-event-id"]);
        Assert.Equal("com.example.thing", second.Headers["x-adobe-event-code"]);
        var trace = (await way.TracesAsync(registration)).Single(t => t.GetProperty("id").GetString() == second.Headers["x-adobe-delivery-id"]);
        Assert.Equal(20, trace.GetProperty("trace").GetProperty("insightsInfo")[0].GetProperty("eventIds").GetArrayLength());
    }

    [Fact]
    public void A_batch_holds_at_most_2_MB_and_events_of_one_retry_count()
    {
        var now = TimeSpan.FromMinutes(1);
        var registration = Lanes.Registration(1, "1") with { DeliveryType = DeliveryType.WebhookBatch };
        var lane = new Lane(registration, 32);
        foreach (var (sequence, bytes, retries) in new[] { (1, 900_000, 0), (2, 900_000, 0), (3, 900_000, 0), (4, 10, 0), (5, 10, 1) })
        {
            lane.Enqueue(Lanes.Owed(registration, sequence, bytes, retries), now);
        }

        var parcels = new[] { lane.StartNext(now), lane.StartNext(now), lane.StartNext(now) };

        Assert.Equal(["1,2", "3,4", "5"], parcels.Select(p => string.Join(',', p.Deliveries.Select(d => d.Accepted.Sequence.ToString(CultureInfo.InvariantCulture)))));
        Assert.All(parcels, parcel => Assert.InRange(parcel.Compose().Length, 1, Parcel.BytesMax));
    }

    [Fact]
    public void A_batch_for_an_action_holds_no_more_than_an_action_takes()
    {
        var now = TimeSpan.FromMinutes(1);
        var registration = Lanes.Registration(1, "1") with { DeliveryType = DeliveryType.WebhookBatch, RuntimeAction = "pkg/act" };
        var lane = new Lane(registration, 32, actionBatchBytesMax: 1_000_000);
        foreach (var (sequence, bytes) in new[] { (1, 450_000), (2, 450_000), (3, 450_000), (4, 999_999) })
        {
            lane.Enqueue(Lanes.Owed(registration, sequence, bytes, 0), now);
        }

        var parcels = new[] { lane.StartNext(now), lane.StartNext(now), lane.StartNext(now) };

        Assert.Equal(["1,2", "3", "4"], parcels.Select(p => string.Join(',', p.Deliveries.Select(d => d.Accepted.Sequence.ToString(CultureInfo.InvariantCulture)))));
    }

    [Theory]
    [InlineData(DeliveryType.Webhook, DeliveryType.WebhookBatch), InlineData(DeliveryType.WebhookBatch, DeliveryType.Webhook)]
    public async Task What_waits_while_the_registration_is_edited_goes_where_and_how_the_edit_says(DeliveryType before, DeliveryType after)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var old = await WebhookListener.StartAsync();
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test, new EventsOptions { AllowPrivateTargets = true, ConcurrencyPerRegistration = 1 });
        var release = new TaskCompletionSource();
        old.Answer = _ => release.Task;
        var registration = way.Register(1, old.Url, before);
        await way.StartAsync();
        for (var i = 1; i <= 6; i++)
        {
            await way.PublishAsync(i, registration);
        }

        await old.NextAsync();
        way.Edit(registration with { DeliveryType = after, WebhookUrl = hook.Url });
        release.SetResult();
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        var received = new List<string>();
        while (hook.Unread > 0)
        {
            var body = JsonDocument.Parse((await hook.NextAsync()).Body).RootElement;
            received.AddRange((body.ValueKind == JsonValueKind.Array ? body.EnumerateArray().ToArray() : [body]).Select(e => e.GetProperty("id").GetString()!));
        }

        Assert.Equal(["2", "3", "4", "5", "6"], received.Order());
        Assert.Equal(0, old.Unread);
    }

    [Fact]
    public async Task A_registration_that_goes_elsewhere_does_not_keep_the_pause_of_where_it_went_before()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var old = await WebhookListener.StartAsync();
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        old.Answer = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "36000";
            return Task.CompletedTask;
        };
        var registration = way.Register(1, old.Url);
        await way.StartAsync();
        await way.PublishAsync(1, registration);
        await DeliveryEngine.UntilAsync(async () => await way.NextAttemptAsync(1) > test.Clock.GetUtcNow() && way.Dispatcher.InFlight == 0);

        await way.PublishAsync(2, way.Edit(registration with { WebhookUrl = hook.Url }));

        Assert.Contains("\"id\":\"2\"", Encoding.UTF8.GetString((await hook.NextAsync()).Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pause_that_comes_back_from_where_a_registration_went_before_is_not_kept()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var old = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        var release = new TaskCompletionSource();
        old.Answer = async context =>
        {
            await release.Task;
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "36000";
        };
        var registration = way.Register(1, old.Url);
        await way.StartAsync();
        await way.PublishAsync(1, registration);
        await old.NextAsync();

        way.Edit(registration with { WebhookUrl = new Uri("http://elsewhere.example/") });
        release.SetResult();
        await way.NextAttemptAsync(1);

        Assert.Empty(await way.Store.FindPausesAsync(default));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_pause_that_an_endpoint_asked_for_outlives_a_restart(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        hook.Answer = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        };
        var killed = new DeliveryEngine(test, node: "node-1");
        var registration = killed.Register(1, hook.Url);
        await killed.PublishAsync(1, registration);
        await killed.NextAttemptAsync(1);
        await killed.CommitAsync(2, registration);
        await killed.DisposeAsync();
        hook.AnswerWith(200);

        await using var next = new DeliveryEngine(test, node: "node-1") { Registrations = killed.Registrations, Events = killed.Events };
        await next.StartAsync();
        await DeliveryEngine.UntilAsync(() => Task.FromResult(next.Dispatcher.LanesAsleep == 1));

        Assert.Equal(1, hook.Count);
        Assert.Equal(2, await next.CountOwedAsync());
        test.Clock.Advance(TimeSpan.FromMinutes(62));
        await DeliveryEngine.UntilAsync(async () => await next.CountOwedAsync() == 0);
    }

    [Fact]
    public async Task What_is_owed_to_a_registration_that_becomes_a_journal_ends_as_a_dead_letter_without_another_attempt()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.AnswerWith(503);
        var registration = way.Register(1, hook.Url);
        await way.StartAsync();
        await way.PublishAsync(1, registration);
        await way.NextAttemptAsync(1);

        way.Edit(registration with { DeliveryType = DeliveryType.Journal, WebhookUrl = null });
        test.Clock.Advance(TimeSpan.FromMinutes(1));
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        Assert.Equal(1, hook.Count);
        Assert.Equal(("registration_disabled", 503, 1), await way.DeadLetterAsync());
        Assert.Single(await way.TracesAsync(registration));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_name_that_this_server_has_no_place_to_look_up_is_not_its_owners_fault(bool isFull)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var way = new DeliveryEngine(test)
        {
            Resolve = _ => throw (isFull ? new NoLookupPlaceException(512, TimeSpan.FromSeconds(5)) : new SocketException((int)SocketError.HostNotFound)),
        };
        var registration = way.Register(1, new Uri("https://slow.example/"));

        await way.PublishAsync(1, registration);
        await way.NextAttemptAsync(1);

        var response = Assert.Single(await way.TracesAsync(registration)).GetProperty("trace").GetProperty("tracingResponse");
        Assert.Equal(isFull ? 601 : 602, response.GetProperty("responseCode").GetInt32());
        Assert.Equal(isFull, response.GetProperty("responseBody").GetString()!.Contains("the endpoint is not to blame", StringComparison.Ordinal));
        Assert.Equal(isFull ? 0 : 1, way.Counted);
    }

    [Theory, InlineData("whisk internal error", "internal", 0), InlineData("application error", "retry_after_too_long", 1)]
    public async Task An_action_that_this_server_cannot_run_is_not_its_owners_fault(string status, string reason, int counted)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test)
        {
            HandlerUrl = hook.Url,
            Activations =
            [
                new StoryActivation { ActivationId = "1", Action = "handler", Depth = 0, Status = "application error", StartedAt = default, DurationMs = 1 },
                new StoryActivation { ActivationId = "2", Action = "mine", Depth = 1, Status = status, StartedAt = default, DurationMs = 1 },
            ],
        };
        hook.Answer = context =>
        {
            context.Response.StatusCode = 500;
            context.Response.Headers["x-openwhisk-activation-id"] = "1";

            // More than its 24 hours.
            context.Response.Headers.RetryAfter = "100000";
            return Task.CompletedTask;
        };
        await way.PublishAsync(1, way.Register(1, null, runtimeAction: "pkg/mine"));
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0 && way.Dispatcher.InFlight == 0);

        Assert.Equal((reason, 500, 1), await way.DeadLetterAsync());
        Assert.Equal(counted, way.Counted);
    }

    [Theory, InlineData(false, 3), InlineData(true, 1)]
    public void Where_order_matters_eventbridge_gets_events_one_by_one(bool isOrdered, int count)
    {
        var registration = Lanes.Registration(1, "1") with { DeliveryType = DeliveryType.AwsEventBridge, IsOrdered = isOrdered };
        var lane = new Lane(registration, 32);
        for (var i = 1; i <= 3; i++)
        {
            lane.Enqueue(Lanes.Owed(registration, i, 10, 0), TimeSpan.Zero);
        }

        Assert.Equal(count, lane.StartNext(TimeSpan.Zero).Deliveries.Count);
    }

    [Fact]
    public void A_batch_to_an_action_is_of_one_event_type()
    {
        var registration = Lanes.Registration(1, "1") with { DeliveryType = DeliveryType.WebhookBatch, RuntimeAction = "pkg/act" };
        var order = Lanes.Owed(registration, 1, 10, 0);

        Assert.True(Parcel.MayJoin(order, Lanes.Owed(registration, 2, 10, 0)));
        Assert.False(Parcel.MayJoin(order, order with { Accepted = order.Accepted with { EventCode = "other" } }));
    }

    [Fact]
    public void Organizations_take_turns_however_many_registrations_they_have()
    {
        var turns = new Turns();
        foreach (var (key, organization) in new[] { (1L, "big"), (2L, "big"), (3L, "big"), (4L, "small") })
        {
            turns.Enqueue(new Lane(Lanes.Registration(key, organization), 32));
        }

        var order = new List<long>();
        for (var i = 0; i < 8 && turns.TryDequeue(out var lane); i++)
        {
            order.Add(lane.RegistrationKey);
            turns.Enqueue(lane);
        }

        Assert.Equal([1, 4, 2, 4, 3, 4, 1, 4], order);
    }

    [Fact]
    public async Task Memory_holds_a_bounded_part_of_what_waits()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(
            test, limits: new DeliveryLimits { HeldMax = 40, HeldPerLaneMax = 30, HeldPerLaneMin = 2 });
        hook.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        for (var key = 1; key <= 10; key++)
        {
            var registration = way.Register(key, hook.Url);
            for (var i = 1; i <= 50; i++)
            {
                await way.PublishAsync((key * 1000) + i, registration);
            }
        }

        Assert.InRange(way.Dispatcher.Waiting + way.Dispatcher.InFlight, 40, 40 + (10 * 2));
    }
}
