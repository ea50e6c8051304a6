using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Delivery;
using Signalbox.Events.Tracing;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Delivery;

public sealed class DispatcherTests
{
    [Theory]
    [InlineData(TestEngine.Sqlite, false), InlineData(TestEngine.Postgresql, false)]
    [InlineData(TestEngine.Sqlite, true), InlineData(TestEngine.Postgresql, true)]
    public async Task What_a_killed_process_left_is_delivered_after_the_next_start(TestEngine engine, bool isSameNode)
    {
        var node = isSameNode ? "node-1" : null;
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        var killed = new DeliveryEngine(test, node: node);
        hook.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        var registration = killed.Register(1, hook.Url);
        await killed.PublishAsync(1, registration);
        await killed.CommitAsync(2, registration);
        await hook.NextAsync();
        await killed.DisposeAsync();
        hook.AnswerWith(200);

        await using var next = new DeliveryEngine(test, node: node) { Registrations = killed.Registrations, Events = killed.Events };
        await next.StartAsync();
        if (engine == TestEngine.Postgresql && !isSameNode)
        {
            // Another node might still be at work until the claim ends.
            test.Clock.Advance(DeliveryClaim.Lifetime);
        }

        await DeliveryEngine.UntilAsync(async () => await next.CountOwedAsync() == 0);
        Assert.Equal(2, hook.Unread);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_finds_no_place_in_memory_is_read_back_and_delivered_once(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var gate = new GatedDeliverer(test);
        await using var way = new DeliveryEngine(
            test,
            new EventsOptions { ConcurrencyPerRegistration = 2 },
            new DeliveryLimits { HeldPerLaneMax = 4, HeldPerLaneMin = 2, RefillRows = 3, RefillBelow = 2 },
            gate);
        var registration = way.Register(1, new Uri("http://x/"));
        await way.StartAsync();
        for (var i = 1; i <= 50; i++)
        {
            await way.PublishAsync(i, registration);
        }

        Assert.True(way.Dispatcher.InFlight <= 2);
        gate.Open(1);

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), gate.Ended.Select(key => key.EventSequence).Order());
    }

    [Fact]
    public async Task A_read_while_outcomes_are_kept_but_not_yet_told_loses_sight_of_nothing()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new GatedDeliverer(test) { OnceKept = told.Task };
        await using var way = new DeliveryEngine(
            test,
            new EventsOptions { ConcurrencyPerRegistration = 2 },
            new DeliveryLimits { HeldPerLaneMax = 3, HeldPerLaneMin = 3, RefillRows = 1, RefillBelow = 2 },
            gate);
        var registration = way.Register(1, new Uri("http://x/"));
        await way.StartAsync();
        gate.Open(1);
        await way.PublishAsync(1, registration);
        await way.PublishAsync(2, registration);
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
        await way.CommitAsync(3, registration);
        await way.CommitAsync(4, registration);

        way.Dispatcher.ExpectMore(registration);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.Waiting == 1));
        told.SetResult();

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
    }

    [Fact]
    public async Task An_offer_that_comes_after_the_table_brought_the_delivery_does_not_repeat_it()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var gate = new GatedDeliverer(test);
        await using var way = OneByOne(test, gate);
        var registration = way.Register(1, new Uri("http://x/"));
        await way.StartAsync();
        gate.Open(1);
        var late = await way.CommitAsync(1, registration);
        way.Dispatcher.ExpectMore(registration);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(gate.Ended.Count == 1 && way.Dispatcher.InFlight == 0));

        way.Dispatcher.Offer(late, [registration]);
        await way.PublishAsync(2, registration);
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        Assert.Equal([1, 2], gate.Ended.Select(key => key.EventSequence));
    }

    [Fact]
    public async Task What_is_owed_anew_before_the_place_where_a_long_queue_is_read_has_its_turn_before_the_rest()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var gate = new GatedDeliverer(test);
        await using var way = OneByOne(test, gate);
        var registration = way.Register(1, new Uri("http://x/"));
        await way.StartAsync();
        for (var i = 1; i <= 40; i++)
        {
            await way.PublishAsync(i, registration);
        }

        var owedAnew = false;
        gate.WhileUnderWay = async key =>
        {
            if (key.EventSequence == 20 && !owedAnew)
            {
                owedAnew = true;
                await test.Database.WriteAsync(session => session.Execute(
                    "INSERT INTO deliveries (registration_key, event_seq, next_attempt_at) VALUES (1, 2, @now)",
                    new { now = test.Clock.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds() }));
                way.Dispatcher.ExpectMore(registration);
            }
        };
        gate.Open(1);

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
        var order = gate.Ended.Select(key => key.EventSequence).ToList();
        Assert.Equal(41, order.Count);
        Assert.InRange(order.LastIndexOf(2), 20, 30);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_is_owed_anew_while_its_outcome_is_kept_and_not_yet_told_is_seen(bool isOrdered)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new GatedDeliverer(test) { OnceKept = told.Task };
        await using var way = OneByOne(test, gate);
        var registration = way.Edit(way.Register(1, new Uri("http://x/")) with { IsOrdered = isOrdered });
        await way.StartAsync();
        gate.Open(1);
        await way.PublishAsync(1, registration);
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        await way.CommitAsync(1, registration);
        await way.CommitAsync(2, registration);
        way.Dispatcher.ExpectMore(registration);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.Waiting == 1));
        told.SetResult();

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
        Assert.Equal(isOrdered ? [1, 1, 2] : [1, 2, 1], gate.Ended.Select(key => key.EventSequence));
    }

    [Fact]
    public async Task What_waits_in_the_table_has_its_turn_before_what_is_published_later()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var gate = new GatedDeliverer(test);
        await using var way = OneByOne(test, gate);
        var registration = way.Register(1, new Uri("http://x/"));
        await way.StartAsync();
        for (var i = 1; i <= 10; i++)
        {
            await way.PublishAsync(i, registration);
        }

        // As much is published as is delivered, so that memory never runs dry by itself.
        gate.WhileUnderWay = async key =>
        {
            if (key.EventSequence is var number and <= 30)
            {
                await way.PublishAsync(number + 100, registration);
            }
        };
        gate.Open(1);

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), gate.Ended.Select(key => key.EventSequence).Take(10));
    }

    [Fact]
    public async Task A_pause_that_was_asked_for_holds_although_the_outcome_could_not_be_kept()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var asked = test.Clock.GetUtcNow().AddHours(1);
        await using var way = OneByOne(test, new ForgetfulDeliverer(asked));
        var registration = way.Register(1, new Uri("http://x/"));
        await way.StartAsync();

        await way.PublishAsync(1, registration);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.FindHold(registration) is not null));

        Assert.Equal(new LaneHold(HoldReason.EndpointPause, asked), way.Dispatcher.FindHold(registration));
    }

    [Fact]
    public async Task Endpoints_that_never_answer_do_not_hold_up_another()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var gate = new GatedDeliverer(test);
        await using var way = new DeliveryEngine(
            test,
            new EventsOptions { ConcurrencyPerRegistration = 2, ConcurrencyMax = 9 },
            new DeliveryLimits { HeldMax = 8, HeldPerLaneMax = 4, HeldPerLaneMin = 1, RefillRows = 3, RefillBelow = 2 },
            gate);
        await way.StartAsync();
        var dead = Enumerable.Range(1, 4).Select(key => way.Register(key, new Uri("http://dead/"))).ToArray();
        var live = way.Register(9, new Uri("http://live/"));
        for (var i = 1; i <= 10; i++)
        {
            await way.PublishAsync(i, dead);
        }

        gate.Open(live.Key);
        for (var i = 11; i <= 30; i++)
        {
            await way.PublishAsync(i, live);
        }

        await DeliveryEngine.UntilAsync(() => Task.FromResult(gate.Ended.Count == 20));
        Assert.Equal(40, await way.CountOwedAsync());
        foreach (var registration in dead)
        {
            gate.Open(registration.Key);
        }

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
    }

    [Fact]
    public async Task A_jump_of_the_clock_by_hours_runs_everything_that_fell_due()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        await way.StartAsync();
        hook.AnswerWith(503);
        var registration = way.Register(1, hook.Url);
        for (var i = 1; i <= 5; i++)
        {
            await way.PublishAsync(i, registration);
            await hook.NextAsync();
            test.Clock.Advance(TimeSpan.FromSeconds(3));
        }

        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.InFlight == 0));
        hook.AnswerWith(200);
        test.Clock.Advance(TimeSpan.FromHours(5));

        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_read_goes_on_where_the_last_one_stopped_and_the_next_from_the_beginning_finds_what_came_before(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        await using var way = new DeliveryEngine(test);
        var registration = way.Register(1, new Uri("http://x/"));
        for (var i = 1; i <= 5; i++)
        {
            await way.CommitAsync(i, registration);
        }

        var first = await way.Store.ClaimDueAsync(registration.Key, null, 2, CancellationToken.None);
        var second = await way.Store.ClaimDueAsync(registration.Key, first[^1].Place, 2, CancellationToken.None);
        var third = await way.Store.ClaimDueAsync(registration.Key, second[^1].Place, 2, CancellationToken.None);
        var all = await way.Store.ClaimDueAsync(registration.Key, null, 10, CancellationToken.None);

        Assert.Equal([1, 2], first.Select(row => row.Key.EventSequence));
        Assert.Equal([3, 4], second.Select(row => row.Key.EventSequence));
        Assert.Equal([5], third.Select(row => row.Key.EventSequence));
        Assert.Equal(5, all.Count);
    }

    [Fact]
    public async Task Rows_that_another_node_takes_meanwhile_do_not_make_a_read_look_complete()
    {
        await using var test = new TestDatabase(TestEngine.Postgresql, EventsRoom.Migrations);
        await using var way = new DeliveryEngine(test);
        var registration = way.Register(1, new Uri("http://x/"));
        await way.CommitAsync(1, registration);
        await way.CommitAsync(2, registration);
        await using var connection = await test.Database.OpenAsync(CancellationToken.None);
        await ExecuteAsync("UPDATE deliveries SET claimed_by = NULL, claimed_until = NULL");
        await using var taking = await connection.BeginTransactionAsync();
        await ExecuteAsync($"UPDATE deliveries SET claimed_by = 'other', claimed_until = {long.MaxValue} WHERE event_seq = 1");

        var claiming = way.Store.ClaimDueAsync(registration.Key, null, limit: 1, CancellationToken.None);
        await DeliveryEngine.UntilAsync(async () => await CountAsync("SELECT COUNT(*) FROM pg_locks WHERE NOT granted") > 0);
        await taking.CommitAsync();

        Assert.Equal(2, Assert.Single(await claiming).Key.EventSequence);

        async Task ExecuteAsync(string sql) => await connection.ExecuteAsync(sql);
        async Task<long> CountAsync(string sql) => await connection.ExecuteScalarAsync<long>(sql);
    }

    [Theory, InlineData(TestEngine.Sqlite, 1), InlineData(TestEngine.Postgresql, 0)]
    public async Task A_fresh_delivery_belongs_to_its_process_until_the_claim_ends_or_the_only_process_is_started_anew(TestEngine engine, int found)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        var registration = await server.RegisterAsync("Mine", provider, "a", "\"delivery_type\":\"webhook\",\"runtime_action\":\"pkg/act\"");
        await server.PublishAsync(provider, "a");
        var key = Assert.Single(Assert.Single(server.Queue.Offers).Recipients).Key;
        Assert.Equal("Mine", registration.GetProperty("name").GetString());

        var own = await server.Get<DeliveryStore>().ClaimDueAsync(key, null, 10, CancellationToken.None);
        // Its clock is not the server's, which would claim the delivery again as soon as its own claim ends.
        var clock = new FakeTimeProvider(server.Clock.GetUtcNow());
        var other = new DeliveryStore(server.Get<Database>(), new DeliveryClaim(clock), server.Get<TraceStore>(), server.Get<DeadLetterStore>(), clock);

        Assert.Single(own);
        Assert.Equal(found, (await other.ClaimDueAsync(key, null, 10, CancellationToken.None)).Count);
        clock.Advance(DeliveryClaim.Lifetime);
        Assert.Single(await other.ClaimDueAsync(key, null, 10, CancellationToken.None));
    }

    /// <summary>One request at a time, and a memory for a few.</summary>
    private static DeliveryEngine OneByOne(TestDatabase test, IDeliverer deliverer) => new(
        test,
        new EventsOptions { ConcurrencyPerRegistration = 1 },
        new DeliveryLimits { HeldPerLaneMax = 4, HeldPerLaneMin = 4, RefillRows = 3, RefillBelow = 2 },
        deliverer);

    /// <summary>Its endpoint asks for a pause, and the store does not answer.</summary>
    private sealed class ForgetfulDeliverer(DateTimeOffset asked) : IDeliverer
    {
        public Task<AttemptReport> AttemptAsync(Parcel parcel, CancellationToken cancellationToken) =>
            throw new OutcomeUnkeptException(asked, new IOException("The commit was not answered."));
    }

    /// <summary>Holds the deliveries of each registration until its gate opens, then ends them.</summary>
    private sealed class GatedDeliverer(TestDatabase test) : IDeliverer
    {
        private readonly ConcurrentDictionary<long, TaskCompletionSource> _gates = new();

        public ConcurrentQueue<DeliveryKey> Ended { get; } = [];

        public Func<DeliveryKey, Task>? WhileUnderWay { get; set; }

        /// <summary>What comes between the commit of an outcome and telling of it.</summary>
        public Task OnceKept { get; init; } = Task.CompletedTask;

        public void Open(long registrationKey) => GateOf(registrationKey).TrySetResult();

        public async Task<AttemptReport> AttemptAsync(Parcel parcel, CancellationToken cancellationToken)
        {
            await GateOf(parcel.Registration.Key).Task.WaitAsync(cancellationToken);
            foreach (var delivery in parcel.Deliveries)
            {
                await (WhileUnderWay?.Invoke(delivery.Key) ?? Task.CompletedTask);
                Ended.Enqueue(delivery.Key);
                await test.Database.WriteAsync(
                    session => session.Execute(
                        "DELETE FROM deliveries WHERE registration_key = @RegistrationKey AND event_seq = @EventSequence", delivery.Key),
                    CancellationToken.None);
            }

            await OnceKept;
            return new AttemptReport
            {
                EndedAt = test.Clock.GetUtcNow(),
                Outcome = AttemptOutcome.FromCode(200),
                Steps = [.. parcel.Deliveries.Select(_ => new DeliveryStep.Done())],
            };
        }

        private TaskCompletionSource GateOf(long registrationKey) =>
            _gates.GetOrAdd(registrationKey, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
