using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Delivery;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;

namespace Signalbox.Simulation.Tests;

/// <summary>
/// One start of the server: the real <see cref="Dispatcher"/>, <see cref="DueDeliveries"/>, <see cref="ReplayRunner"/>,
/// lanes, windows and schedule, on the world's thread; the table, the endpoints and the clock are simulated.
/// </summary>
internal sealed class SimulatedProcess : IOwedDeliveries, IDeliverer, IEventReader, IRegistrationDirectory
{
    private readonly World _world;
    private readonly Scenario _scenario;
    private readonly Table _table;
    private readonly Observer _observer;
    private readonly DueDeliveries _due;
    private readonly ReplayRunner _replays;
    private bool _isReplaying;
    private bool _hasRung;

    public SimulatedProcess(World world, Scenario scenario, Table table, Observer observer, int number, TimeSpan skew)
    {
        (_world, _scenario, _table, _observer) = (world, scenario, table, observer);
        Host = new Host(world, $"process {number}");
        Clock = new HostClock(world, Host) { Skew = skew };
        Claim = new DeliveryClaim(Clock);
        var bell = new DeliveryBell(Clock);
        IAttemptThreads threads = scenario.Mutation switch
        {
            Mutation.StarvesOne => new StarvingThreads(world, Host, scenario),
            Mutation.StartsTwice => new DoublingThreads(Host),
            _ => Host,
        };
        Dispatcher = new Dispatcher(this, threads, bell, Claim, scenario.Limits, scenario.EngineOptions, Clock, NullLogger<Dispatcher>.Instance);
        _due = new DueDeliveries(this, Dispatcher, bell, this, this, Clock, NullLogger<DueDeliveries>.Instance);
        _replays = new ReplayRunner(
            new SimulatedReplays(this, scenario, table, observer), new Bell<ReplayRunner>(Clock), Dispatcher, this, scenario.EngineOptions,
            Clock, NullLogger<ReplayRunner>.Instance);
        world.Post(Host, () => _ = _due.RunAsync(CancellationToken.None));
        if (table.Replays.Exists(job => !job.HasEnded))
        {
            Replay();
        }
    }

    public event Action<Registration>? Changed;

    public Host Host { get; }

    public HostClock Clock { get; }

    public DeliveryClaim Claim { get; }

    public Dispatcher Dispatcher { get; }

    public void Kill() => Host.IsDead = true;

    /// <summary>A change of a registration is committed.</summary>
    public void Tell(Registration changed) => Changed?.Invoke(changed);

    /// <summary>Somebody started a replay, or ended one.</summary>
    public void Replay()
    {
        _hasRung = true;
        if (!_isReplaying)
        {
            _isReplaying = true;
            _world.Post(Host, () => _ = ReplayAsync());
        }
    }

    /// <summary>Steps 1 to 7 of the real deliverer, with the signing and the network left out.</summary>
    public async Task<AttemptReport> AttemptAsync(Parcel parcel, CancellationToken cancellationToken)
    {
        var begunAt = Clock.GetUtcNow();
        if (parcel.Deliveries.Any(d => RetrySchedule.IsOver(d.FirstAttemptAt, begunAt)))
        {
            var steps = new List<DeliveryStep>();
            foreach (var delivery in parcel.Deliveries)
            {
                if (RetrySchedule.IsOver(delivery.FirstAttemptAt, begunAt))
                {
                    await KeepAsync(
                        [new EndedDelivery(delivery.Key, delivery.ReplayId, delivery.FirstAttemptAt!.Value, new DeliveryStep.GiveUp(GiveUpReason.Expired))], null);
                    steps.Add(new DeliveryStep.GiveUp(GiveUpReason.Expired));
                }
                else
                {
                    steps.Add((await AttemptAsync(new Parcel([delivery]), cancellationToken)).Steps[0]);
                }
            }

            return new AttemptReport { EndedAt = begunAt, Steps = steps };
        }

        var chosenAt = _world.Now;
        await Task.Delay(_world.Between(0.1, 3), Clock, cancellationToken);
        var signatures = Sign(parcel);
        _observer.Starts(this, parcel, chosenAt, signatures);
        var startedAt = Clock.GetUtcNow();
        var reply = _scenario.EndpointOf(parcel.Registration.Key).Answer();
        await Task.Delay(reply.After, Clock, cancellationToken);
        var (endedAt, pauseUntil) = (Clock.GetUtcNow(), _world.Now + reply.Pause);
        _observer.Ends(this, parcel, reply);
        var outcome = AttemptOutcome.FromCode(reply.Code);
        var notBefore = outcome is AttemptOutcome.Failed ? endedAt + reply.Pause : null;
        EndedDelivery[] ended =
        [
            .. parcel.Deliveries.Select(d => new EndedDelivery(
                d.Key, d.ReplayId, d.FirstAttemptAt ?? startedAt, Decide(d, outcome, d.FirstAttemptAt ?? startedAt, endedAt, notBefore))),
        ];
        try
        {
            await KeepAsync(ended, parcel.IsBatch ? null : signatures, notBefore);
        }
        catch (IOException) when (_scenario.Mutation == Mutation.HidesStoreFailures)
        {
            return new AttemptReport { EndedAt = endedAt, Outcome = outcome, Steps = [.. ended.Select(_ => new DeliveryStep.RetryAt(endedAt, 0))] };
        }
        catch (IOException exception)
        {
            _observer.Learns(this, parcel, notBefore is null ? null : pauseUntil, isKept: false);
            throw new OutcomeUnkeptException(_scenario.Mutation == Mutation.IgnoresPauses ? null : notBefore, exception);
        }

        _scenario.Counts(this, parcel.Registration.Key, outcome is AttemptOutcome.Delivered, endedAt);
        _observer.Learns(this, parcel, notBefore is null ? null : pauseUntil, isKept: true);
        return new AttemptReport
        {
            EndedAt = endedAt,
            Outcome = outcome,
            Steps = [.. ended.Select(e => e.Step)],
            NotBefore = _scenario.Mutation == Mutation.IgnoresPauses ? null : notBefore,
        };
    }

    public Task<DueOverview> FindDueAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        _table.RunAsync(Host, () => new DueOverview(
            _scenario.Mutation == Mutation.NeverLooks
                ? []
                : [.. _table.Rows.Where(r => r.Value.NextAttemptAt <= now + Early).Select(r => r.Key.Registration).Distinct()],
            _table.Rows.Where(r => r.Value.NextAttemptAt > now).Min(r => (DateTimeOffset?)r.Value.NextAttemptAt)));

    public Task<IReadOnlyList<(long RegistrationKey, DateTimeOffset Until)>> FindPausesAsync(CancellationToken cancellationToken) =>
        _table.RunAsync<IReadOnlyList<(long, DateTimeOffset)>>(Host, () =>
            [.. _table.Pauses.Where(pause => pause.Value > Clock.GetUtcNow()).Select(pause => (pause.Key, pause.Value))]);

    public Task<IReadOnlyList<ClaimedRow>> ClaimDueAsync(long registrationKey, DuePlace? after, int limit, CancellationToken cancellationToken)
    {
        var now = Clock.GetUtcNow();
        return _table.RunAsync<IReadOnlyList<ClaimedRow>>(Host, () =>
        [
            .. RowsOf(registrationKey).Where(r => r.Value.NextAttemptAt <= now + Early && IsFree(r.Value, now))
                .OrderBy(r => r.Value.NextAttemptAt).ThenBy(r => r.Key.Event).Where(r => IsBehind(r.Value.NextAttemptAt, r.Key.Event)).Take(limit).Select(r => Take(r.Key, r.Value, now)),
        ]);

        bool IsBehind(DateTimeOffset dueAt, long sequence) =>
            after is not { } place || dueAt > place.NextAttemptAt || (dueAt == place.NextAttemptAt && sequence > place.EventSequence);
    }

    public Task<IReadOnlyList<ClaimedRow>> ClaimFirstAsync(long registrationKey, int limit, CancellationToken cancellationToken)
    {
        if (_scenario.Mutation == Mutation.ReadsOutOfOrder)
        {
            return ClaimDueAsync(registrationKey, null, limit, cancellationToken);
        }

        var now = Clock.GetUtcNow();
        return _table.RunAsync<IReadOnlyList<ClaimedRow>>(Host, () =>
        [
            .. RowsOf(registrationKey).Take(limit).TakeWhile(r => r.Value.NextAttemptAt <= now && IsFree(r.Value, now)).Select(r => Take(r.Key, r.Value, now)),
        ]);
    }

    public Task RemoveAsync(DeliveryKey key, string? replayId, DeadLetter? letter, CancellationToken cancellationToken) =>
        throw new SimulationFailure(_world, Rule.EventualDelivery, $"the engine removes {key}, though its event is there");

    public Task RemoveAllAsync(long registrationKey, CancellationToken cancellationToken) =>
        throw new SimulationFailure(_world, Rule.EventualDelivery, $"the engine removes all of {registrationKey}, though it is there");

    public Task<IReadOnlyList<AcceptedEvent>> ReadAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellationToken) =>
        _table.RunAsync<IReadOnlyList<AcceptedEvent>>(Host, () => [.. sequences.Order().Select(_scenario.EventOf)]);

    public ValueTask<Registration?> FindAsync(long registrationKey, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Registration?>(_scenario.RegistrationOf(registrationKey));

    public ValueTask<Registration?> FindAsync(RegistrationId id, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Delivery knows keys.");

    private TimeSpan Early => _scenario.Mutation == Mutation.ReadsEarly ? TimeSpan.FromSeconds(40) : TimeSpan.Zero;

    private DeliveryStep Decide(
        OwedDelivery delivery, AttemptOutcome outcome, DateTimeOffset firstAttemptAt, DateTimeOffset endedAt, DateTimeOffset? notBefore)
    {
        var step = DeliveryStep.After(outcome, delivery.RetryCount, firstAttemptAt, endedAt, notBefore);
        return step is DeliveryStep.RetryAt && _scenario.Mutation == Mutation.GivesUpEarly && delivery.RetryCount >= 2
            ? new DeliveryStep.GiveUp(GiveUpReason.Expired)
            : step;
    }

    private async Task ReplayAsync()
    {
        for (var step = 0; ; step++)
        {
            try
            {
                // As the real bell, it is not lost when it rings during a step.
                _hasRung = false;
                if (await _replays.StepAsync(CancellationToken.None) == 0 && !_hasRung)
                {
                    _isReplaying = false;
                    return;
                }
            }
            catch (IOException)
            {
                // The real loop pauses and tries again as well.
            }

            // Quick at first, so that a replay meets live traffic; a long one must not fill the scenario with its steps.
            await Task.Delay(step < 200 ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromMinutes(1), Clock);
        }
    }

    /// <summary>As the real deliverer: the signatures of an earlier attempt, else those by the keys of the event's time.</summary>
    private string Sign(Parcel parcel)
    {
        var first = parcel.Deliveries[0];
        if (_scenario.Mutation != Mutation.SignsByNow && !parcel.IsBatch && first.Signatures is { } earlier)
        {
            return earlier;
        }

        var (key1, key2) = _scenario.Keys.At(
            _scenario.Mutation == Mutation.SignsByNow ? Clock.GetUtcNow() : parcel.Deliveries.Max(delivery => delivery.Accepted.ReceivedAt));
        return $"{first.Accepted.Sequence} by {key1.Id:N} and {key2.Id:N}";
    }

    private Task<bool> KeepAsync(IReadOnlyList<EndedDelivery> ended, string? signatures, DateTimeOffset? pauseUntil = null) =>
        _table.RunAsync(Host, () =>
        {
            if (pauseUntil is { } until && _scenario.Mutation != Mutation.ForgetsPauses)
            {
                var known = _table.Pauses.GetValueOrDefault(ended[0].Key.RegistrationKey);
                _table.Pauses[ended[0].Key.RegistrationKey] = until > known ? until : known;
            }

            foreach (var delivery in ended)
            {
                Keep(delivery, signatures);
                if (delivery is { Step: DeliveryStep.Done, ReplayId: { } replayId })
                {
                    Redeem(delivery.Key, replayId);
                }
            }

            return true;
        });

    private void Keep(EndedDelivery ended, string? signatures)
    {
        var (key, replayId, firstAttemptAt, step) = ended;
        if ((_scenario.Mutation == Mutation.MistakesOutcomes ? _table.Find(key) : _table.Find(key, replayId)) is not { } row)
        {
            return;
        }

        if (step is DeliveryStep.RetryAt retry)
        {
            if (_scenario.Mutation == Mutation.ForgetsRetries)
            {
                _table.Remove(key);
                return;
            }

            row.RetryCount = _scenario.Mutation == Mutation.ForgetsRetryCount ? row.RetryCount : retry.RetryCount;
            row.FirstAttemptAt = Table.Milliseconds(firstAttemptAt);
            row.NextAttemptAt = Table.Milliseconds(retry.At);
            row.Signatures = signatures;
            (row.ClaimedBy, row.ClaimedUntil) = (null, null);
            _observer.Retries(key, retry.RetryCount);
            return;
        }

        _observer.Finishes(this, key, step, firstAttemptAt);
        if (step is DeliveryStep.GiveUp)
        {
            Bury(key, row);
        }

        if (_scenario.Mutation != Mutation.KeepsSuccesses || step is not DeliveryStep.Done)
        {
            _table.Remove(key);
        }
    }

    private void Redeem(DeliveryKey key, string replayId)
    {
        var letter = (key.RegistrationKey, key.EventSequence);
        if (_scenario.Mutation != Mutation.KeepsDeliveredLetters && _table.Letters.TryGetValue(letter, out var found) && found.ReplayId == replayId)
        {
            _table.Letters.Remove(letter);
        }

        _observer.Delivers(key, replayId);
    }

    private void Bury(DeliveryKey key, Table.Row row)
    {
        if (_scenario.Mutation != Mutation.ForgetsLetters)
        {
            _observer.Buries(key);
            _table.Letters[(key.RegistrationKey, key.EventSequence)] = (_scenario.NextLetterKey(), row.ReplayId);
        }

        if (_table.Replays.Find(job => job.Id == row.ReplayId) is { } replay)
        {
            replay.Failed++;
        }
    }

    private IEnumerable<KeyValuePair<(long Registration, long Event), Table.Row>> RowsOf(long registrationKey) =>
        _table.Rows.Where(r => r.Key.Registration == registrationKey);

    /// <summary>With one process on an embedded database, whatever another name claimed, that process is dead.</summary>
    private bool IsFree(Table.Row row, DateTimeOffset now) =>
        !_scenario.HasClaims || row.ClaimedBy is null || row.ClaimedBy == Claim.Node || row.ClaimedUntil <= now;

    private ClaimedRow Take((long Registration, long Event) key, Table.Row row, DateTimeOffset now)
    {
        (row.ClaimedBy, row.ClaimedUntil) = (Claim.Node, Claim.Until);
        return new ClaimedRow(
            new DeliveryKey(key.Registration, key.Event), row.RetryCount, row.FirstAttemptAt, row.NextAttemptAt, now + DeliveryClaim.Lifetime, row.Signatures, row.ReplayId);
    }

    /// <summary>Runs the attempts of the last registration only after ten minutes.</summary>
    private sealed class StarvingThreads(World world, Host host, Scenario scenario) : IAttemptThreads
    {
        private int _started;

        public void Start(IThreadPoolWorkItem attempt)
        {
            if (++_started % scenario.Registrations.Count == 0)
            {
                world.SetTimer(host, new WorldTimer(attempt.Execute), TimeSpan.FromMinutes(10));
            }
            else
            {
                host.Start(attempt);
            }
        }
    }

    private sealed class DoublingThreads(Host host) : IAttemptThreads
    {
        public void Start(IThreadPoolWorkItem attempt)
        {
            host.Start(attempt);
            host.Start(attempt);
        }
    }
}
