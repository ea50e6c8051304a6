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

        Assert.True(dispatcher.InFlight >= 16, $"{dispatcher.InFlight} requests: the limit is not reached");
        clock.Advance(TimeSpan.FromMilliseconds(10));
        dispatcher.Offer(Lanes.Owed(lone, 3, 10, 0).Accepted, [lone]);
        dispatcher.Offer(Lanes.Owed(lone, 4, 10, 0).Accepted, [lone]);

        // The first goes at once although the limit is reached; the second has the next turn.
        Assert.Equal([3], endpoints.StartedOf(lone));
        clock.Advance(_answerTime);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(endpoints.StartedOf(lone).Count == 2));
        await dispatcher.StopAsync(new CancellationToken(canceled: true));
    }

    private sealed class SlowEndpoints(FakeTimeProvider clock) : IDeliverer
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<long, List<long>> _started = [];

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
                _started.TryAdd(parcel.Registration.Key, []);
                _started[parcel.Registration.Key].AddRange(parcel.Deliveries.Select(delivery => delivery.Accepted.Sequence));
            }

            await Task.Delay(_answerTime, clock, cancellationToken);
            return new AttemptReport
            {
                EndedAt = clock.GetUtcNow(),
                Outcome = AttemptOutcome.FromCode(200),
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
