using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;

namespace Signalbox.Simulation.Tests;

/// <summary>Sees what every process does and what the table holds, and objects when a <see cref="Rule"/> is broken.</summary>
internal sealed class Observer(World world, Scenario scenario, Table table)
{
    /// <summary>Short, so that a burst of a scenario's few events is more than a rate allows.</summary>
    private static readonly TimeSpan _rateWindow = TimeSpan.FromSeconds(2);

    private readonly Dictionary<DeliveryKey, Fate> _fates = [];
    private readonly Dictionary<long, Queue<DateTimeOffset>> _starts = [];
    private readonly Dictionary<(Host Host, long Registration), int> _inFlight = [];
    private readonly Dictionary<(Host Host, long Registration), (DateTimeOffset Until, DateTimeOffset KnownAt, bool IsKept)> _pauses = [];
    private readonly HashSet<(Host Host, DeliveryKey Key)> _running = [];

    private readonly HashSet<(string Replay, long Position)> _looked = [];
    private readonly StatusObserver _statuses = new(world, scenario);

    public int Attempts { get; private set; }

    /// <summary>Replays that came to their end.</summary>
    public int Replayed { get; private set; }

    /// <summary>Changes of statuses that attempts led to.</summary>
    public int StatusChanges => _statuses.Count;

    public int Taken => _fates.Values.Count(f => f.IsTaken);

    public int GivenUp => _fates.Values.Count(f => f.End is DeliveryStep.GiveUp);

    /// <summary>An event was acknowledged: this is owed from now on.</summary>
    public void Owes(DeliveryKey key)
    {
        Check(_statuses.IsPushing(key.RegistrationKey), Rule.NotPushed, $"{key} is pushed, though its registration is not active");
        _fates.Add(key, new Fate
        {
            AcceptedAt = world.Now,
            Ahead = table.Rows.Count(r => r.Key.Registration == key.RegistrationKey),
        });
    }

    /// <summary>A replay, or somebody's redrive when it is null, owes it anew, with retries of its own.</summary>
    public void OwesAgain(DeliveryKey key, string? replayId)
    {
        Check(_statuses.IsPushing(key.RegistrationKey), Rule.NotPushed, $"{key} is delivered again, though its registration is not active");
        var before = _fates.GetValueOrDefault(key);
        _fates[key] = new Fate { AcceptedAt = world.Now, ReplayId = replayId, IsOwedAgain = true, Ahead = 0, FirstStartAt = world.Now, Signatures = before?.Signatures };
    }

    /// <summary>A cancelled replay does not owe it any more. What memory holds of it may still go out.</summary>
    public void Withdraws(DeliveryKey key)
    {
        var fate = _fates[key];
        (fate.End, fate.IsWithdrawn) = (new DeliveryStep.GiveUp(GiveUpReason.Expired), true);
    }

    /// <summary>That an endpoint took a replayed event is durable.</summary>
    public void Delivers(DeliveryKey key, string replayId)
    {
        Check(
            !table.Letters.TryGetValue((key.RegistrationKey, key.EventSequence), out var letter) || letter.ReplayId != replayId,
            Rule.DeadLetters,
            $"{key} was delivered by replay {replayId}, and is its dead letter");
        if (_fates[key] is { IsWithdrawn: true } fate && fate.ReplayId == replayId)
        {
            (fate.End, fate.IsTaken) = (new DeliveryStep.Done(), true);
        }
    }

    /// <summary>A delivery becomes a dead letter.</summary>
    public void Buries(DeliveryKey key) =>
        Check(!table.Letters.ContainsKey((key.RegistrationKey, key.EventSequence)), Rule.DeadLetters, $"{key} becomes a dead letter, and was one already");

    /// <summary>Somebody removed a dead letter for good.</summary>
    public void Purges(DeliveryKey key) => _fates[key].IsPurged = true;

    /// <summary>A replay has come to a dead letter or an event of the journal.</summary>
    public void LooksAt(ReplayJob job, long position) =>
        Check(_looked.Add((job.Id, position)), Rule.ReplayedOnce, $"replay {job.Id} comes to {position} again");

    /// <summary>A replay owes some more.</summary>
    public void Advances(long registrationKey, int queued)
    {
        var fresh = table.Rows.Count(r => r.Key.Registration == registrationKey && r.Value is { ReplayId: not null, RetryCount: 0, FirstAttemptAt: null });
        var perRequest = scenario.HasBeenBatch(registrationKey) ? 20 : 1;
        var most = Math.Max(1, scenario.Options.ConcurrencyPerRegistration * scenario.Options.ReplayWindowPercent / 100) * perRequest;

        // What was owed before the clock was set back is not due, and does not count.
        Check(queued == 0 || fresh <= most || scenario.ClockJumps, Rule.ReplayShare, $"replays owe {fresh} events to registration {registrationKey} at once; {most} may be");
    }

    /// <summary>A replay has ended.</summary>
    public void EndsReplay(ReplayJob job)
    {
        world.Tell($"replay {job.Id} is {job.State}");
        if (job.State != ReplayState.Done)
        {
            return;
        }

        Replayed++;
        var missed = job.IsOfLetters ? [] : scenario.JournalOf(job.RegistrationKey).Where(e => e <= job.Until && !_looked.Contains((job.Id, e))).ToList();
        Check(missed.Count == 0, Rule.ReplayedOnce, $"replay {job.Id} is done, but has not come to {string.Join(',', missed)}");
    }

    /// <summary>An attempt counts for its registration's status.</summary>
    public void Counts(long registrationKey, bool isSuccess, DateTimeOffset at) => _statuses.Counts(registrationKey, isSuccess, at);

    /// <summary>A registration takes another status, by itself or by its editors.</summary>
    public void Changes(Registration after, DateTimeOffset at, bool byEdit) => _statuses.Changes(after, at, byEdit);

    /// <summary>The registration was judged and stays as it is.</summary>
    public void Stays(long registrationKey, DateTimeOffset at) => _statuses.Stays(registrationKey, at);

    /// <param name="process">Who.</param>
    /// <param name="parcel">What.</param>
    /// <param name="chosenAt">When the dispatcher had chosen it: what was learned later cannot hold it back.</param>
    /// <param name="signatures">What the request carries.</param>
    public void Starts(SimulatedProcess process, Parcel parcel, DateTimeOffset chosenAt, string signatures)
    {
        Attempts++;
        var registration = parcel.Registration;
        world.Tell($"{process.Host.Name}: registration {registration.Key} <- {string.Join(',', parcel.Deliveries.Select(d => $"{d.Accepted.Sequence}#{d.RetryCount}"))}");
        CheckParcel(parcel, chosenAt);
        foreach (var delivery in parcel.Deliveries)
        {
            CheckStart(process, registration, delivery);
        }

        if (!parcel.IsBatch)
        {
            var fate = _fates[parcel.Deliveries[0].Key];
            fate.Signatures ??= signatures;

            // A key that is made after the clock was set back counts for events that came "later": they may be signed anew.
            Check(scenario.ClockJumps || fate.Signatures == signatures, Rule.Signatures, $"{parcel.Deliveries[0].Key} is signed '{signatures}' now, and was '{fate.Signatures}'");
        }

        CheckPace(process, parcel, chosenAt);
        Begin(process, parcel);
    }

    public void Ends(SimulatedProcess process, Parcel parcel, Reply reply)
    {
        world.Tell($"{process.Host.Name}: registration {parcel.Registration.Key} answers {reply.Code}{(reply.Pause is { } pause ? $", wants a pause of {pause}" : "")}");
        _inFlight[(process.Host, parcel.Registration.Key)]--;
        foreach (var delivery in parcel.Deliveries)
        {
            _running.Remove((process.Host, delivery.Key));
            var fate = _fates[delivery.Key];
            if (fate.ReplayId != delivery.ReplayId)
            {
                // It was withdrawn, and is owed by another since.
                continue;
            }

            fate.IsTaken |= reply.Code is >= 200 and <= 299;
            fate.IsRefused |= AttemptOutcome.FromCode(reply.Code) is AttemptOutcome.Rejected;
        }
    }

    /// <summary>The process knows the endpoint's wish.</summary>
    /// <param name="process">Who.</param>
    /// <param name="parcel">What.</param>
    /// <param name="pauseUntil">In the world's time: the pause is as long as it is, whatever the time of day is set to.</param>
    /// <param name="isKept">So does its table, for sure.</param>
    public void Learns(SimulatedProcess process, Parcel parcel, DateTimeOffset? pauseUntil, bool isKept)
    {
        if (pauseUntil is { } at && scenario.VersionsAt(parcel.Registration.Key, world.Now).Last().HasTargetOf(parcel.Registration))
        {
            var known = _pauses.GetValueOrDefault((process.Host, parcel.Registration.Key));
            _pauses[(process.Host, parcel.Registration.Key)] = at > known.Until ? (at, world.Now, isKept) : known;
        }
    }

    /// <summary>What endpoints wished outlives a process, however it ended; the next one knows it some moments after its start.</summary>
    public void Restarts(Host before, Host after)
    {
        foreach (var (key, pause) in _pauses.Where(pause => pause.Key.Host == before && pause.Value.IsKept && !scenario.ClockJumps).ToList())
        {
            _pauses[(after, key.Registration)] = (pause.Until, world.Now + (scenario.FaultRate > 0 ? TimeSpan.FromMinutes(1) : TimeSpan.FromMilliseconds(50)), true);
        }
    }

    /// <summary>The registration goes elsewhere, or is enabled again: the wishes of where it went before do not count.</summary>
    public void Retargets(long registrationKey)
    {
        foreach (var key in _pauses.Keys.Where(key => key.Registration == registrationKey).ToList())
        {
            _pauses.Remove(key);
        }
    }

    /// <summary>A retry is durable.</summary>
    public void Retries(DeliveryKey key, int retryCount)
    {
        var fate = _fates[key];
        Check(retryCount == fate.Retries + 1, Rule.RetryCount, $"retry {retryCount} of {key} was scheduled after retry {fate.Retries}");
        fate.Retries = retryCount;
    }

    /// <summary>The end of a delivery is durable.</summary>
    public void Finishes(SimulatedProcess process, DeliveryKey key, DeliveryStep step, DateTimeOffset firstAttemptAt)
    {
        var fate = _fates[key];
        world.Tell($"{process.Host.Name}: {key.RegistrationKey}/{key.EventSequence} ends: {step}");
        fate.End = step;
        switch (step)
        {
            case DeliveryStep.Done:
                Check(fate.IsTaken, Rule.EventualDelivery, $"{key} is done, but its endpoint never took it");
                break;
            case DeliveryStep.GiveUp { Reason: GiveUpReason.Rejected }:
                Check(fate.IsRefused, Rule.GiveUp, $"{key} counts as refused, but its endpoint never refused it");
                break;
            default:
                // The longest pause between two attempts is what an endpoint asked for, or 15 minutes.
                Check(
                    scenario.ClockJumps || process.Clock.GetUtcNow() - firstAttemptAt > RetrySchedule.Lifetime - TimeSpan.FromMinutes(31),
                    Rule.GiveUp,
                    $"{key} was given up {process.Clock.GetUtcNow() - firstAttemptAt} after its first attempt");
                break;
        }
    }

    /// <summary>After everything: each event's account.</summary>
    public void Account()
    {
        foreach (var (key, fate) in _fates)
        {
            Check(fate.IsTaken || fate.End is DeliveryStep.GiveUp, Rule.EventualDelivery, $"{key} was neither taken nor given up, and nothing is owed any more");
            var isLetter = table.Letters.ContainsKey((key.RegistrationKey, key.EventSequence));
            Check(
                isLetter == (fate.End is DeliveryStep.GiveUp && !fate.IsPurged), Rule.DeadLetters,
                $"{key} ended with {fate.End} and is {(isLetter ? "a" : "no")} dead letter");
        }
    }

    private void CheckParcel(Parcel parcel, DateTimeOffset chosenAt)
    {
        var first = parcel.Deliveries[0];
        Check(parcel.Deliveries.Count <= 20, Rule.Batch, $"{parcel.Deliveries.Count} events in one request");
        var versions = scenario.VersionsAt(first.Registration.Key, chosenAt).ToList();
        Check(parcel.Deliveries.Count == 1 || versions.Exists(version => version.DeliveryType == DeliveryType.WebhookBatch), Rule.Batch, "several events for a registration without batches");
        Check(
            parcel.Deliveries.All(d => versions.Exists(version => version.DeliveryType == d.Registration.DeliveryType && version.HasTargetOf(d.Registration))),
            Rule.Settings,
            $"registration {first.Registration.Key} is {versions[^1].DeliveryType} to {versions[^1].WebhookUrl}, and is sent to as {first.Registration.DeliveryType} to {first.Registration.WebhookUrl}");
        Check(
            parcel.Deliveries.All(d => d.Registration.Key == first.Registration.Key && d.RetryCount == first.RetryCount),
            Rule.Batch,
            "one request mixes registrations or retry counts");
    }

    private void CheckStart(SimulatedProcess process, Registration registration, OwedDelivery delivery)
    {
        var (key, now) = (delivery.Key, process.Clock.GetUtcNow());
        var fate = _fates[key];
        var row = table.Find(key);
        if (fate.IsWithdrawn || (row is not null && row.ReplayId != delivery.ReplayId))
        {
            // Memory held what was withdrawn, or is owed by another since.
            _running.Add((process.Host, key));
            return;
        }

        Check(row is not null && fate.End is null, Rule.NothingAfterTheEnd, $"{key} is attempted, but it ended with {fate.End}");
        Check(scenario.ClockJumps || row!.NextAttemptAt <= now, Rule.NotBeforeItsTime, $"{key} is attempted {row!.NextAttemptAt - now} early");
        Check(delivery.RetryCount == row.RetryCount && row.RetryCount == fate.Retries, Rule.RetryCount, $"{key} is attempted as retry {delivery.RetryCount}, the table says {row.RetryCount}, and {fate.Retries} were scheduled");
        Check(_running.Add((process.Host, key)), Rule.OneAttemptAtATime, $"{key} is under way already");
        Check(
            fate.LastStart is not { } last || last.Host != process.Host || last.RetryCount != delivery.RetryCount || world.Now - last.At >= TimeSpan.FromSeconds(4),
            Rule.NoHammering,
            $"{key} is attempted again {world.Now - fate.LastStart?.At} after the same attempt");
        fate.LastStart = (process.Host, delivery.RetryCount, world.Now);
        if (registration.IsOrdered)
        {
            var earlier = table.Rows.FirstOrDefault(r => r.Key.Registration == key.RegistrationKey);
            Check(
                earlier.Key.Event >= delivery.Accepted.Sequence
                || _running.Contains((process.Host, new DeliveryKey(key.RegistrationKey, earlier.Key.Event)))
                || IsOwedAgainJustNow(new DeliveryKey(key.RegistrationKey, earlier.Key.Event)),
                Rule.Order,
                $"{key} is attempted before {earlier.Key.Event} has ended");
        }

        if (fate.FirstStartAt is null)
        {
            fate.FirstStartAt = world.Now;
            var wait = world.Now - fate.AcceptedAt;
            Check(
                !scenario.IsFair || !scenario.IsHealthy(registration.Key) || wait < TimeSpan.FromSeconds(2) + ((fate.Ahead + 1) * scenario.TurnTimeMax),
                Rule.Fairness,
                $"{key} of a healthy registration waited {wait} for its first attempt, with {fate.Ahead} ahead of it");
        }
    }

    private void CheckPace(SimulatedProcess process, Parcel parcel, DateTimeOffset chosenAt)
    {
        var registration = parcel.Registration;
        var pause = _pauses.GetValueOrDefault((process.Host, registration.Key));
        Check(
            pause.Until <= world.Now || pause.KnownAt >= chosenAt,
            Rule.PauseHonoured,
            $"registration {registration.Key} is called {pause.Until - world.Now} before the pause it asked for is over");
        if (scenario.Registrations[(int)registration.Key - 1].DeliveryRatePerSecond is not { } rate)
        {
            return;
        }

        if (!_starts.TryGetValue(registration.Key, out var starts))
        {
            _starts.Add(registration.Key, starts = new Queue<DateTimeOffset>());
        }

        while (starts.TryPeek(out var oldest) && world.Now - oldest >= _rateWindow)
        {
            starts.Dequeue();
        }

        foreach (var _ in parcel.Deliveries)
        {
            starts.Enqueue(world.Now);
        }

        // A restart knows nothing of what was sent before it; a batch is paid for afterwards.
        var allowed = (rate * (int)_rateWindow.TotalSeconds) + ((scenario.Crashes + 1) * (scenario.HasBeenBatch(registration.Key) ? 20 : 1)) + 1;
        Check(starts.Count <= allowed, Rule.Rate, $"registration {registration.Key} got {starts.Count} events in {_rateWindow}; its rate is {rate}");
    }

    private void Begin(SimulatedProcess process, Parcel parcel)
    {
        var key = (process.Host, parcel.Registration.Key);
        var toOne = _inFlight[key] = _inFlight.GetValueOrDefault(key) + 1;
        var toAll = _inFlight.Where(f => f.Key.Host == process.Host).Sum(f => f.Value);
        var (options, registrations) = (scenario.Options, scenario.Registrations.Count);
        Check(toOne <= (parcel.Registration.IsOrdered ? 1 : options.ConcurrencyPerRegistration), Rule.Bounds, $"{toOne} requests to registration {key.Key} at once");
        Check(toAll <= options.ConcurrencyMax, Rule.Bounds, $"{toAll} requests at once");
        var held = process.Dispatcher.Waiting;
        var heldMax = scenario.Limits.HeldMax + (registrations * Math.Max(scenario.Limits.HeldPerLaneMin, 20));
        Check(held <= heldMax, Rule.Bounds, $"{held} deliveries wait in memory; {heldMax} may");
    }

    private void Check(bool holds, Rule rule, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFailure(world, rule, otherwise);
        }
    }

    /// <summary>A replay or a redrive owes it since so short a time that what starts now may have been chosen before the engine heard of it.</summary>
    private bool IsOwedAgainJustNow(DeliveryKey key) =>
        _fates[key].IsOwedAgain && world.Now - _fates[key].AcceptedAt < TimeSpan.FromMilliseconds(30);

    private sealed class Fate
    {
        public required DateTimeOffset AcceptedAt { get; init; }

        /// <summary>The replay that owes it.</summary>
        public string? ReplayId { get; init; }

        /// <summary>By a replay or a redrive.</summary>
        public bool IsOwedAgain { get; init; }

        /// <summary>Rows of the same registration when it was accepted.</summary>
        public required int Ahead { get; init; }

        public DateTimeOffset? FirstStartAt { get; set; }

        /// <summary>The last start, and its retry count.</summary>
        public (Host Host, int RetryCount, DateTimeOffset At)? LastStart { get; set; }

        public int Retries { get; set; }

        public bool IsTaken { get; set; }

        public bool IsRefused { get; set; }

        public DeliveryStep? End { get; set; }

        /// <summary>The replay that owed it was cancelled.</summary>
        public bool IsWithdrawn { get; set; }

        /// <summary>Its dead letter was removed.</summary>
        public bool IsPurged { get; set; }

        /// <summary>Those of its first attempt; unknown for batches, which find other company.</summary>
        public string? Signatures { get; set; }
    }
}
