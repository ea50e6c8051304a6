using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Events.Delivery;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Tests.Delivery;

/// <summary>The dispatcher alone, under a limit that one organization has filled, in virtual time.</summary>
public sealed class FairnessTests
{
    private const int Registrations = 10_000;
    private static readonly TimeSpan _answerTime = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task An_organization_with_ten_thousand_registrations_and_a_flood_does_not_hold_up_anothers_events()
    {
        var clock = new FakeTimeProvider();
        var endpoints = new SlowEndpoints(clock);
        using var dispatcher = new Dispatcher(
            endpoints, new InlineAttempts(), new DeliveryBell(clock), new DeliveryClaim(clock), new DeliveryLimits(),
            new EventsOptions { ConcurrencyMax = 16 }, clock, NullLogger<Dispatcher>.Instance);
        Registration[] many = [.. Enumerable.Range(1, Registrations).Select(key => Lanes.Registration(key, "big"))];
        var lone = Lanes.Registration(Registrations + 1, "small");
        for (var sequence = 1; sequence <= 2; sequence++)
        {
            dispatcher.Offer(Lanes.Owed(many[0], sequence, 10, 0).Accepted, many);
        }

        Assert.Equal(16, dispatcher.InFlight);
        clock.Advance(TimeSpan.FromMilliseconds(10));
        dispatcher.Offer(Lanes.Owed(lone, 3, 10, 0).Accepted, [lone]);
        dispatcher.Offer(Lanes.Owed(lone, 4, 10, 0).Accepted, [lone]);

        // The limit is exact, so it waits; but for the next place only, though thousands of others wait longer.
        Assert.Empty(endpoints.StartedOf(lone));
        Assert.Equal(16, dispatcher.InFlight);
        clock.Advance(_answerTime);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(endpoints.StartedOf(lone).Count >= 1));
        Assert.Equal(16, endpoints.MostAtOnce);
        await UntilAsync(clock, () => endpoints.StartedOf(lone).Count == 2);
        Assert.Equal(16, endpoints.MostAtOnce);
        await dispatcher.StopAsync(new CancellationToken(canceled: true));
    }

    [Fact]
    public async Task Dead_endpoints_fill_no_more_than_their_share_so_that_a_lone_event_starts_at_once()
    {
        var clock = new FakeTimeProvider();
        var endpoints = new SlowEndpoints(clock) { Code = 503 };
        using var dispatcher = new Dispatcher(
            endpoints, new InlineAttempts(), new DeliveryBell(clock), new DeliveryClaim(clock), new DeliveryLimits(),
            new EventsOptions { ConcurrencyMax = 16 }, clock, NullLogger<Dispatcher>.Instance);
        Registration[] dead = [.. Enumerable.Range(1, 40).Select(key => Lanes.Registration(key, "same"))];
        for (var sequence = 1; sequence <= 4; sequence++)
        {
            dispatcher.Offer(Lanes.Owed(dead[0], sequence, 10, 0).Accepted, dead);
        }

        // Each is tried once before it is known to be dead.
        await UntilAsync(clock, () => endpoints.Count > 40 && dispatcher.InFlight == 14);
        var lone = Lanes.Registration(41, "same");
        dispatcher.Offer(Lanes.Owed(lone, 9, 10, 0).Accepted, [lone]);

        Assert.Equal([9], endpoints.StartedOf(lone));
        Assert.Equal(16, endpoints.MostAtOnce);
        await dispatcher.StopAsync(new CancellationToken(canceled: true));
    }

    /// <summary>Lets time pass until it holds.</summary>
    private static Task UntilAsync(FakeTimeProvider clock, Func<bool> holds) => DeliveryEngine.UntilAsync(() =>
    {
        if (holds())
        {
            return Task.FromResult(true);
        }

        clock.Advance(_answerTime);
        return Task.FromResult(false);
    });

    private sealed class SlowEndpoints(FakeTimeProvider clock) : IDeliverer
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<long, List<long>> _started = [];
        private int _underWay;

        public int Code { get; init; } = 200;

        public int MostAtOnce { get; private set; }

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _started.Values.Sum(started => started.Count);
                }
            }
        }

        public IReadOnlyList<long> StartedOf(Registration registration)
        {
            lock (_gate)
            {
                return [.. _started.GetValueOrDefault(registration.Key, [])];
            }
        }

        public async Task<AttemptReport> AttemptAsync(Parcel parcel, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                MostAtOnce = Math.Max(MostAtOnce, ++_underWay);
                _started.TryAdd(parcel.Registration.Key, []);
                _started[parcel.Registration.Key].AddRange(parcel.Deliveries.Select(delivery => delivery.Accepted.Sequence));
            }

            await Task.Delay(_answerTime, clock, cancellationToken);
            lock (_gate)
            {
                _underWay--;
            }

            return new AttemptReport
            {
                EndedAt = clock.GetUtcNow(),
                Outcome = AttemptOutcome.FromCode(Code),
                Steps = [.. parcel.Deliveries.Select(_ => new DeliveryStep.Done())],
            };
        }
    }

    /// <summary>An attempt runs up to its first wait inside the call, so that what has started is known at once.</summary>
    private sealed class InlineAttempts : IAttemptThreads
    {
        public void Start(IThreadPoolWorkItem attempt) => attempt.Execute();
    }
}
