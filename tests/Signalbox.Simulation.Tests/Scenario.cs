using Signalbox.Events;
using Signalbox.Events.Delivery;
using Signalbox.Events.EventLog;
using Signalbox.Events.Health;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;
using Signalbox.Events.Signing;
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
    private readonly Dictionary<long, Registration> _current;
    private readonly Dictionary<long, List<(DateTimeOffset At, Registration Registration)>> _versions = [];
    private readonly Dictionary<long, List<long>> _journals = [];
    private readonly HealthThresholds _thresholds;
    private readonly HealthLedger _health;
    private readonly List<SigningKey> _keys = [];
    private int _toPublish;
    private long _letters;

    public Scenario(int seed, Mutation mutation = Mutation.None)
    {
        _world = new World(seed);
        Mutation = mutation;
        _table = new Table(_world);
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
        HasAdministrators = _world.Chance(0.5);
        _current = Registrations.ToDictionary(r => r.Key);
        foreach (var registration in Registrations)
        {
            _versions.Add(registration.Key, [(DateTimeOffset.MinValue, registration)]);
        }

        _thresholds = new HealthThresholds(TimeSpan.FromHours(mutation == Mutation.JudgesEarly ? 1 : 24), 10, 80);
        _health = new HealthLedger(_thresholds);
        _observer = new Observer(_world, this, _table);
        AddKey(1, DateTimeOffset.UnixEpoch);
        AddKey(2, DateTimeOffset.UnixEpoch);
    }

    public Mutation Mutation { get; }

    /// <summary>Claims of another process count, as on PostgreSQL.</summary>
    public bool HasClaims { get; }

    /// <summary>Somebody edits, disables and deletes registrations, rotates keys, redrives, purges and replays.</summary>
    public bool HasAdministrators { get; }

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
    public EventsOptions EngineOptions => Mutation switch
    {
        Mutation.WidensWindow => Options with { ConcurrencyPerRegistration = 50, ConcurrencyMax = 500 },
        Mutation.WidensShare => Options with { ReplayWindowPercent = 1_000 },
        _ => Options,
    };

    public DeliveryLimits Limits { get; }

    public IReadOnlyList<Registration> Registrations { get; }

    /// <summary>Nothing but the endpoints misbehaves, so that the healthy ones must not notice.</summary>
    public bool IsFair => Crashes == 0 && FaultRate == 0 && !ClockJumps && !HasClaims;

    /// <summary>
    /// How long a healthy registration may wait for each of its requests. When the others cannot fill all places, for nobody;
    /// otherwise until each of them had a turn, which an endpoint can stretch to 10 seconds.
    /// </summary>
    public TimeSpan TurnTimeMax
    {
        get
        {
            var healthy = Registrations.Count(r => IsHealthy(r.Key));
            var others = Registrations.Count - healthy;
            return healthy + (others * Options.ConcurrencyPerRegistration) <= Options.ConcurrencyMax
                ? TimeSpan.FromMilliseconds(200)
                : others * TimeSpan.FromSeconds(10.2);
        }
    }

    public int Attempts => _observer.Attempts;

    public int GivenUp => _observer.GivenUp;

    public long Fingerprint => _world.Fingerprint;

    public int Replayed => _observer.Replayed;

    public int StatusChanges => _observer.StatusChanges;

    /// <summary>The signing keys, as of now.</summary>
    public SigningKeyRing Keys { get; private set; } = new([]);

    /// <summary>The events that matched a registration, in order.</summary>
    public IReadOnlyList<long> JournalOf(long registrationKey) => _journals.GetValueOrDefault(registrationKey) ?? [];

    public long NextLetterKey() => ++_letters;

    public Endpoint EndpointOf(long registrationKey) => _endpoints[registrationKey];

    public AcceptedEvent EventOf(long sequence) => _events[sequence];

    /// <summary>As the engine is told of it; <see cref="Registrations"/> is what the checks hold it to.</summary>
    public Registration RegistrationOf(long registrationKey)
    {
        var registration = _current[registrationKey];
        return Mutation switch
        {
            Mutation.IgnoresRates => registration with { DeliveryRatePerSecond = null },
            Mutation.BatchesAll => registration with { DeliveryType = DeliveryType.WebhookBatch },
            _ => registration,
        };
    }

    /// <summary>It gets batches, or did once.</summary>
    public bool HasBeenBatch(long registrationKey) =>
        _versions[registrationKey].Exists(version => version.Registration.DeliveryType == DeliveryType.WebhookBatch);

    /// <summary>What it was at a moment of the world's time: several when it was changed in that very moment.</summary>
    public IEnumerable<Registration> VersionsAt(long registrationKey, DateTimeOffset at)
    {
        var versions = _versions[registrationKey];
        var first = versions.FindLastIndex(version => version.At < at);
        return versions.Skip(first).TakeWhile(version => version.At <= at).Select(version => version.Registration);
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

        if (HasAdministrators)
        {
            for (var act = _world.Random.Next(1, 25); act > 0; act--)
            {
                _world.After(_world.Random.NextDouble() * CalmAfter, Administer);
            }
        }

        _world.RunUntil(() => false, begin + CalmAfter);
        Calm();
        var settles = _world.RunUntil(() => _toPublish == 0 && _table.Count == 0 && HaveReplaysEnded(), begin + CalmAfter + _settlingTime);
        if (!settles)
        {
            if (_table.Count == 0)
            {
                throw new SimulationFailure(_world, Rule.Progress, $"a replay has not ended {_settlingTime} after the last fault");
            }

            var stuck = _table.Rows.First();
            throw new SimulationFailure(
                _world, Rule.Progress, $"{_table.Count} deliveries are still owed {_settlingTime} after the last fault; the first is {stuck.Key}, due at {stuck.Value.NextAttemptAt:O}, while it is {_process.Clock.GetUtcNow():O}");
        }

        _observer.Account();
    }

    /// <summary>An attempt was kept: as the real monitor, counts it and judges its registration.</summary>
    public void Counts(SimulatedProcess process, long registrationKey, bool isSuccess, DateTimeOffset at)
    {
        var registration = _current[registrationKey];
        _observer.Counts(registrationKey, isSuccess, at);
        _health.Add(registration, isSuccess || Mutation == Mutation.ForgetsFailures, at);
        Judge(process, registrationKey, at);
    }

    private void Judge(SimulatedProcess process, long registrationKey, DateTimeOffset at)
    {
        var before = _current[registrationKey];
        if (HealthRules.FindNext(before, _health.Find(before, at), at, _thresholds) is not { } next)
        {
            _observer.Stays(registrationKey, at);
            return;
        }

        next = Mutation == Mutation.SkipsUnstable && next == WebhookStatus.Unstable ? WebhookStatus.HookUnreachable : next;
        var after = HealthRules.Apply(before, next, at);
        if (next == WebhookStatus.Unstable)
        {
            _health.Restart(registrationKey, at);
        }

        Change(process, after, at, byEdit: false);
    }

    private void Change(SimulatedProcess process, Registration after, DateTimeOffset at, bool byEdit)
    {
        var before = _current[after.Key];
        after = after with { UpdatedAt = before.Later(after.UpdatedAt) };
        _current[after.Key] = after;
        _versions[after.Key].Add((_world.Now, after));
        _observer.Changes(after, at, byEdit);
        if (after.BeginsAfresh(before))
        {
            _observer.Retargets(after.Key);
            _table.Pauses.Remove(after.Key);
        }

        if (Mutation != Mutation.HidesEdits)
        {
            _world.Post(process.Host, () => process.Tell(RegistrationOf(after.Key)));
        }

        if (Mutation == Mutation.CancelsOnDisable && !after.IsPushing)
        {
            foreach (var key in _table.Rows.Select(row => row.Key).Where(key => key.Registration == after.Key).ToList())
            {
                _table.Remove(new DeliveryKey(key.Registration, key.Event));
            }
        }
    }

    /// <summary>Somebody does something, whatever it is.</summary>
    private void Administer()
    {
        var process = _process;
        var now = process.Clock.GetUtcNow();
        var registration = _current[_world.Random.Next(1, Registrations.Count + 1)];
        switch (_world.Random.Next(10))
        {
            case 0 when registration.DeletedAt is null:
                Change(process, registration with { IsEnabled = false, UpdatedAt = now }, now, byEdit: true);
                break;
            case 1 when registration.DeletedAt is null && _world.Chance(0.3):
                Change(process, registration with { DeletedAt = now, UpdatedAt = now }, now, byEdit: true);
                break;
            case 2 or 3 when registration.DeletedAt is null:
                _health.Restart(registration.Key, now);
                Change(process, registration with { Status = WebhookStatus.Verified, IsEnabled = true, MeasuredSince = now, UpdatedAt = now }, now, byEdit: true);
                break;
            case 4:
                _world.Tell("a signing key is rotated");
                AddKey(_world.Random.Next(1, 3), now);
                break;
            case 5:
                RecoverOne(process, registration, now);
                break;
            case 6 when _table.Replays.FindLast(job => !job.HasEnded) is { } running && _world.Chance(0.3):
                Cancel(running);
                break;
            case 7 when registration.DeletedAt is null:
                _health.Restart(registration.Key, now);
                Change(process, Edit(registration, now), now, byEdit: true);
                break;
            default:
                StartReplay(process, registration);
                break;
        }
    }

    /// <summary>Somebody sends it elsewhere, in another way, or both; a challenge was answered.</summary>
    private Registration Edit(Registration registration, DateTimeOffset now) => registration with
    {
        DeliveryType = _world.Chance(0.7) ? DeliveryType.WebhookBatch : DeliveryType.Webhook,
        WebhookUrl = _world.Chance(0.5) ? registration.WebhookUrl : new Uri($"https://endpoint.example/{_world.Random.Next(100)}"),
        Status = WebhookStatus.Verified,
        IsEnabled = true,
        MeasuredSince = now,
        UpdatedAt = now,
    };

    /// <summary>Redrives or purges a dead letter.</summary>
    private void RecoverOne(SimulatedProcess process, Registration registration, DateTimeOffset now)
    {
        var letter = _table.Letters.Keys.LastOrDefault(key => key.Registration == registration.Key);
        if (letter == default || !registration.IsPushing)
        {
            return;
        }

        var key = new DeliveryKey(letter.Registration, letter.Event);
        if (Mutation != Mutation.KeepsLetters)
        {
            _table.Letters.Remove(letter);
        }

        if (_world.Chance(0.3))
        {
            _world.Tell($"{key} is purged");
            _observer.Purges(key);
            return;
        }

        _world.Tell($"{key} is redriven");
        if (_table.TryOweAgain(key, now, null))
        {
            _observer.OwesAgain(key, null);
        }

        _world.Post(process.Host, () => process.Dispatcher.ExpectMore(RegistrationOf(registration.Key)));
    }

    private void StartReplay(SimulatedProcess process, Registration registration)
    {
        if (!registration.IsPushing || _table.Replays.Count(job => job.RegistrationKey == registration.Key && !job.HasEnded) >= 5)
        {
            return;
        }

        var isOfLetters = _world.Chance(0.4);
        var job = new ReplayJob
        {
            Id = $"{_table.Replays.Count + 1}",
            RegistrationKey = registration.Key,
            IsOfLetters = isOfLetters,
            Until = isOfLetters ? _letters : JournalOf(registration.Key).LastOrDefault(),
        };
        _world.Tell($"replay {job.Id} of registration {registration.Key} begins, up to {(isOfLetters ? "dead letter" : "event")} {job.Until}");
        _table.Replays.Add(job);
        process.Replay();
        if (_world.Chance(0.3))
        {
            _world.After(_world.Between(50, 3_000), () => Cancel(job));
        }
    }

    private void Cancel(ReplayJob job)
    {
        if (!job.HasEnded)
        {
            _world.Tell($"replay {job.Id} is cancelled");
            job.State = ReplayState.Cancelling;
            _process.Replay();
            if (_world.Chance(0.5))
            {
                // While what it had under way is under way still.
                _world.After(_world.Between(50, 1_000), () => StartReplay(_process, _current[job.RegistrationKey]));
            }
        }
    }

    private bool HaveReplaysEnded() => _table.Replays.TrueForAll(job => job.HasEnded || !_current[job.RegistrationKey].IsPushing);

    private void AddKey(int slot, DateTimeOffset at)
    {
        var id = new byte[16];
        _world.Random.NextBytes(id);
        _keys.Add(new SigningKey { Id = new Guid(id), Slot = slot, PrivateKey = "", PublicKey = "", CreatedAt = at });
        Keys = new SigningKeyRing(_keys);
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
        var before = _process?.Host;
        _process = new SimulatedProcess(_world, this, _table, _observer, ++_processes, skew);
        if (before is not null)
        {
            _observer.Restarts(before, _process.Host);
        }

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
        List<long> matched = [.. Registrations.Where(_ => _world.Chance(0.7)).Select(r => r.Key)];
        foreach (var key in matched.Where(key => _current[key].DeletedAt is null))
        {
            _journals.TryAdd(key, []);
            _journals[key].Add(sequence);
        }

        Registration[] recipients =
        [
            .. matched.Select(RegistrationOf).Where(r => r.IsPushing || (Mutation == Mutation.PushesToDisabled && r.DeletedAt is null)),
        ];
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
