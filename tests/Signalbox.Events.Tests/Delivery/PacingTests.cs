using System.Globalization;
using System.Text.Json;
using Signalbox.Events.Delivery;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
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
