using Signalbox.Events;
using Signalbox.Events.Delivery;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Simulation.Tests;

/// <summary>What a seed stands for: who is registered, how endpoints, store, clock and process misbehave, and what is published when.</summary>
internal sealed class Scenario
{
    /// <summary>Longer than everything may take after the last fault: retries, pauses and claims of a dead process included.</summary>
    private static readonly TimeSpan _settlingTime = TimeSpan.FromHours(4);

    private readonly World _world;
    private readonly Table _table;
    private readonly Observer _observer;
    private readonly Dictionary<long, Endpoint> _endpoints = [];
    private readonly Dictionary<long, AcceptedEvent> _events = [];
    private SimulatedProcess _process = null!;
    private int _processes;
    private readonly double _burst;
    private int _toPublish;

    public Scenario(int seed, Mutation mutation = Mutation.None)
    {
        _world = new World(seed);
        Mutation = mutation;
        _table = new Table(_world);
        _observer = new Observer(_world, this, _table);
        HasClaims = _world.Chance(0.3);
        Crashes = _world.Chance(0.35) ? _world.Random.Next(1, 5) : 0;
        ClockJumps = _world.Chance(0.1);
        FaultRate = _world.Chance(0.4) ? _world.Random.NextDouble() * 0.3 : 0;
        CalmAfter = _world.Chance(0.05) ? TimeSpan.FromHours(_world.Random.Next(20, 40)) : TimeSpan.FromMinutes(_world.Random.Next(1, 90));
        _toPublish = _world.Random.Next(3, CalmAfter > TimeSpan.FromHours(2) ? 8 : 60);
        _burst = _world.Chance(0.3) ? 0.98 : 0.7;
        Options = new EventsOptions { ConcurrencyPerRegistration = _world.Random.Next(1, 9), ConcurrencyMax = _world.Random.Next(2, 17) };
        Limits = new DeliveryLimits
        {
            HeldPerLaneMax = _world.Random.Next(2, 17),
            HeldPerBatchLaneMax = _world.Random.Next(4, 60),
            HeldPerLaneMin = _world.Random.Next(1, 3),
            HeldMax = _world.Random.Next(8, 60),
            RefillBelow = _world.Random.Next(1, 5),
            RefillRows = _world.Random.Next(1, 9),
            RefillRowsOfBatchLane = _world.Random.Next(2, 40),
        };
        Registrations = [.. Enumerable.Range(1, _world.Random.Next(1, 8)).Select(Register)];
    }

    public Mutation Mutation { get; }

    /// <summary>Claims of another process count, as on PostgreSQL.</summary>
    public bool HasClaims { get; }

    /// <summary>How often the process is killed and started anew.</summary>
    public int Crashes { get; }

    /// <summary>The time of day is set forward and back.</summary>
    public bool ClockJumps { get; }

    /// <summary>The chance of each operation of the store to fail.</summary>
    public double FaultRate { get; }

    /// <summary>When all faults end.</summary>
    public TimeSpan CalmAfter { get; }

    /// <summary>What the checks hold the engine to.</summary>
    public EventsOptions Options { get; }

    /// <summary>What the engine is told.</summary>
    public EventsOptions EngineOptions => Mutation == Mutation.WidensWindow
        ? Options with { ConcurrencyPerRegistration = 50, ConcurrencyMax = 500 }
        : Options;

    public DeliveryLimits Limits { get; }

    public IReadOnlyList<Registration> Registrations { get; }

    /// <summary>Nothing but the endpoints misbehaves, so that the healthy ones must not notice.</summary>
    public bool IsFair => Crashes == 0 && FaultRate == 0 && !ClockJumps && !HasClaims;

    public int Attempts => _observer.Attempts;

    public int GivenUp => _observer.GivenUp;

    public long Fingerprint => _world.Fingerprint;

    public Endpoint EndpointOf(long registrationKey) => _endpoints[registrationKey];

    public AcceptedEvent EventOf(long sequence) => _events[sequence];

    /// <summary>As the engine is told of it; <see cref="Registrations"/> is what the checks hold it to.</summary>
    public Registration RegistrationOf(long registrationKey)
    {
        var registration = Registrations[(int)registrationKey - 1];
        return Mutation switch
        {
            Mutation.IgnoresRates => registration with { DeliveryRatePerSecond = null },
            Mutation.BatchesAll => registration with { DeliveryType = DeliveryType.WebhookBatch },
            _ => registration,
        };
    }

    /// <summary>Its endpoint is always well, and nothing of its own slows it down.</summary>
    public bool IsHealthy(long registrationKey) =>
        _endpoints[registrationKey].Temper == Temper.Steady
        && Registrations[(int)registrationKey - 1] is { IsOrdered: false, DeliveryRatePerSecond: null };

    /// <summary>Runs it all.</summary>
    /// <exception cref="SimulationFailure">A rule was broken.</exception>
    public void Run()
    {
        var begin = _world.Now;
        _table.FaultRate = FaultRate;
        StartProcess();
        _world.After(TimeSpan.Zero, PublishNext);
        for (var crash = 0; crash < Crashes; crash++)
        {
            _world.After(_world.Random.NextDouble() * CalmAfter, Crash);
        }

        if (ClockJumps)
        {
            _world.After(_world.Random.NextDouble() * CalmAfter, JumpClock);
            _world.After(_world.Random.NextDouble() * CalmAfter, JumpClock);
        }

        _world.RunUntil(() => false, begin + CalmAfter);
        Calm();
        var settles = _world.RunUntil(() => _toPublish == 0 && _table.Count == 0, begin + CalmAfter + _settlingTime);
        if (!settles)
        {
            var stuck = _table.Rows.First();
            throw new SimulationFailure(
                _world, Rule.Progress, $"{_table.Count} deliveries are still owed {_settlingTime} after the last fault; the first is {stuck.Key}, due at {stuck.Value.NextAttemptAt:O}, while it is {_process.Clock.GetUtcNow():O}");
        }

        _observer.Account();
    }

    private Registration Register(int key)
    {
        var tempers = Enum.GetValues<Temper>();
        _endpoints.Add(key, new Endpoint(_world, tempers[_world.Random.Next(tempers.Length)]));
        return new Registration
        {
            Key = key,
            Id = new RegistrationId(Guid.Empty),
            OrganizationId = new OrganizationId($"{_world.Random.Next(1, 4)}"),
            ProjectId = new ProjectId("2"),
            WorkspaceId = new WorkspaceId("3"),
            ClientId = new ClientId("client"),
            CredentialId = new CredentialId("4"),
            Name = $"registration {key}",
            Description = "",
            DeliveryType = _world.Chance(0.3) ? DeliveryType.WebhookBatch : DeliveryType.Webhook,
            WebhookUrl = new Uri("https://endpoint.example/"),
            IsOrdered = _world.Chance(0.2),
            DeliveryRatePerSecond = _world.Chance(0.15) ? _world.Random.Next(1, 20) : null,
            IsEnabled = true,
            Status = WebhookStatus.Verified,
            Interests = [],
            CreatedAt = DateTimeOffset.UnixEpoch,
            MeasuredSince = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
        };
    }

    private void StartProcess()
    {
        var skew = _process is null ? TimeSpan.Zero : _process.Clock.Skew;
        _process = new SimulatedProcess(_world, this, _table, _observer, ++_processes, skew);
        _world.Tell($"{_process.Host.Name} starts");
    }

    private void Crash()
    {
        _world.Tell($"{_process.Host.Name} is killed");
        _process.Kill();
        StartProcess();
    }

    private void JumpClock()
    {
        _process.Clock.Skew += _world.Between(-3_600_000, 3_600_000);
        _world.Tell($"the time of day is off by {_process.Clock.Skew}");
    }

    private void Calm()
    {
        _world.Tell("all faults are over");
        _table.FaultRate = 0;
        foreach (var endpoint in _endpoints.Values)
        {
            endpoint.IsWell = true;
        }
    }

    /// <summary>Commits an event with its deliveries and offers it, as the event log does; then waits for a while.</summary>
    private void PublishNext()
    {
        if (_toPublish == 0)
        {
            return;
        }

        _toPublish--;
        var sequence = _events.Count + 1L;
        var process = _process;
        Registration[] recipients = [.. Registrations.Where(_ => _world.Chance(0.7)).Select(r => RegistrationOf(r.Key))];
        var accepted = new AcceptedEvent
        {
            Sequence = sequence,
            EventId = Guid.Empty,
            ProviderId = "provider",
            EventCode = "code",
            Payload = new byte[_world.Random.Next(2, 400)],
            ReceivedAt = process.Clock.GetUtcNow(),
        };
        _events.Add(sequence, accepted);
        _world.Tell($"event {sequence} is acknowledged for {string.Join(',', recipients.Select(r => r.Key))}");
        foreach (var registration in recipients)
        {
            var key = new DeliveryKey(registration.Key, sequence);
            _observer.Owes(key);
            _table.Add(key, process.Clock.GetUtcNow(), process.Claim.Node, process.Claim.Until);
        }

        // The commit's caller is told a moment later; a kill may come between.
        _world.Post(process.Host, () => process.Dispatcher.Offer(accepted, recipients));
        _world.After(_world.Chance(_burst) ? TimeSpan.Zero : _world.Between(0, 60_000), PublishNext);
    }
}
