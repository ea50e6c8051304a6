using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Delivery;

/// <summary>
/// The deliveries of one registration that are in memory, and when the next request may start. Guarded by the
/// dispatcher's lock; its times are those of <see cref="Uptime"/>.
/// </summary>
internal sealed class Lane
{
    /// <summary>
    /// An event waits at most this long for others to fill its batch, and only while another request is under way: a lone
    /// one goes at once.
    /// </summary>
    private static readonly TimeSpan _gatheringTime = TimeSpan.FromMilliseconds(5);

    /// <summary>What waits for longer than this waits in the table.</summary>
    private static readonly TimeSpan _heldPauseMax = TimeSpan.FromSeconds(1);

    /// <summary>A lane whose outcome could not be kept rests, or its endpoint would get the same event again and again.</summary>
    private static readonly TimeSpan _restAfterBreak = TimeSpan.FromSeconds(5);

    private int _eventsMax = 1;
    private int _bytesMax = Parcel.BytesMax;
    private readonly Queue<OwedDelivery> _waiting = new();
    private long _waitingBytes;
    private int _heldInFlight;
    private TimeSpan _gatheredAt = TimeSpan.MinValue;
    private DateTimeOffset _configuredAt = DateTimeOffset.MinValue;

    public Lane(Registration registration, int windowMax)
    {
        (RegistrationKey, OrganizationId) = (registration.Key, registration.OrganizationId);
        Window = new DeliveryWindow(windowMax);
        Configure(registration);
    }

    public long RegistrationKey { get; }

    public OrganizationId OrganizationId { get; }

    /// <summary>How many requests at once.</summary>
    public DeliveryWindow Window { get; }

    /// <summary>How soon the next.</summary>
    public LanePace Pace { get; } = new();

    /// <summary>What else the table has.</summary>
    public LaneRefill Refill { get; } = new();

    /// <summary>One request at a time, in the order of the events; a failed one holds up those behind it.</summary>
    public bool IsOrdered { get; private set; }

    /// <summary>A request may carry several events.</summary>
    public bool IsBatch => _eventsMax > 1;

    public int WaitingCount => _waiting.Count;

    /// <summary>Requests under way.</summary>
    public int InFlight { get; private set; }

    /// <summary>Deliveries in memory, under way or not.</summary>
    public int Held => _waiting.Count + _heldInFlight;

    /// <summary>Nothing of it is in flight, and its endpoint did not fail last: its next request goes before those of others.</summary>
    public bool HasRightOfWay => InFlight == 0 && Pace.IsWell;

    /// <summary>Stands in the turns of those with the right of way.</summary>
    public bool IsInFirstRound { get; set; }

    /// <summary>Stands in the turns of all others.</summary>
    public bool IsInTurns { get; set; }

    public bool IsInRound => IsInFirstRound || IsInTurns;

    /// <summary>When the dispatcher's alarm looks at it again; null: it is not asleep.</summary>
    public TimeSpan? AlarmAt { get; set; }

    public TimeSpan UsedAt { get; set; }

    public bool HasPlace => _waiting.Count > 0 && InFlight < (IsOrdered ? 1 : Window.Size);

    /// <summary>When the next request may start, given a place for it.</summary>
    public TimeSpan ReadyAt => IsGathering && _gatheredAt > Pace.NextAt ? _gatheredAt : Pace.NextAt;

    /// <summary>Nothing of it waits, neither here nor in the table.</summary>
    public bool IsCaughtUp => _waiting.Count == 0 && Refill.IsIdle;

    public bool IsIdle => Held == 0 && Refill.IsIdle && !IsInRound && AlarmAt is null;

    /// <summary>Holds nothing back that a new lane would not.</summary>
    public bool IsFresh => Window.IsFresh && Pace.IsFresh;

    private bool IsGathering =>
        IsBatch && InFlight > 0 && _waiting.Count < _eventsMax && _waitingBytes < _bytesMax;

    /// <summary>Follows the registration's settings. True when what waits must be read again in order.</summary>
    public bool Configure(Registration registration)
    {
        if (registration.UpdatedAt <= _configuredAt)
        {
            return false;
        }

        var becameOrdered = registration.IsOrdered && !IsOrdered && Held > 0;
        _configuredAt = registration.UpdatedAt;
        IsOrdered = registration.IsOrdered;
        (_eventsMax, _bytesMax) = (Parcel.EventsMaxOf(registration.DeliveryType), Parcel.BytesMaxOf(registration.DeliveryType));
        Pace.Limit(registration.DeliveryRatePerSecond);
        return becameOrdered;
    }

    public void Enqueue(OwedDelivery delivery, TimeSpan now)
    {
        if (_waiting.Count == 0)
        {
            _gatheredAt = now + _gatheringTime;
        }

        _waiting.Enqueue(delivery);
        _waitingBytes += delivery.Accepted.Payload.Length;
    }

    /// <summary>Takes what the next request carries.</summary>
    public Parcel StartNext(TimeSpan now)
    {
        var deliveries = new List<OwedDelivery>(_eventsMax) { Dequeue() };
        var bytes = 2 + Parcel.BytesOf(deliveries[0]);
        while (IsBatch
            && deliveries.Count < _eventsMax
            && _waiting.TryPeek(out var next)
            && Parcel.MayJoin(deliveries[0], next)
            && bytes + Parcel.BytesOf(next) <= _bytesMax)
        {
            deliveries.Add(Dequeue());
            bytes += Parcel.BytesOf(next);
        }

        InFlight++;
        _heldInFlight += deliveries.Count;
        UsedAt = now;
        _gatheredAt = now + _gatheringTime;
        Pace.Take(deliveries.Count, now);
        return new Parcel(deliveries);
    }

    /// <summary>
    /// A request is over: the lane learns from it. True when what waits here is better left to the table, because it
    /// would wait for long or out of order.
    /// </summary>
    public bool End(StartedAttempt attempt, AttemptEnd end, TimeSpan now)
    {
        InFlight--;
        _heldInFlight -= attempt.Parcel.Deliveries.Count;
        switch (end)
        {
            case AttemptEnd.Kept kept:
                Refill.Outdate(attempt.Parcel);
                Learn(kept.Report, attempt.StartedAt, now);
                break;
            case AttemptEnd.Broke:
                Refill.Outdate(attempt.Parcel);
                Refill.ExpectAnywhere();
                Pace.Pause(_restAfterBreak, now);
                break;
            case AttemptEnd.Postponed:
                Refill.ExpectAnywhere();
                break;
        }

        if (IsOrdered && end.RetryIn is { } retryIn)
        {
            // What comes behind waits for it, and is read again in order.
            Pace.Pause(retryIn, now);
            return true;
        }

        return Pace.PausedUntil > now + _heldPauseMax;
    }

    /// <summary>Gives up what waits: it is in the table.</summary>
    public IReadOnlyList<OwedDelivery> ReleaseWaiting()
    {
        OwedDelivery[] released = [.. _waiting];
        _waiting.Clear();
        _waitingBytes = 0;
        if (released.Length > 0)
        {
            Refill.ExpectAnywhere();
        }

        return released;
    }

    /// <summary>Learns from how the endpoint took it.</summary>
    private void Learn(AttemptReport report, TimeSpan startedAt, TimeSpan now)
    {
        UsedAt = now;
        switch (report.Outcome)
        {
            case AttemptOutcome.Delivered:
                Window.Succeeded();
                Pace.Succeeded();
                break;
            case { IsOverload: true }:
                Window.Failed(startedAt, now);
                Pace.Failed();
                break;
        }

        Pace.Ended(now);
        if (report.NotBefore is { } notBefore)
        {
            Pace.Pause(notBefore - report.EndedAt, now);
        }
    }

    private OwedDelivery Dequeue()
    {
        var delivery = _waiting.Dequeue();
        _waitingBytes -= delivery.Accepted.Payload.Length;
        return delivery;
    }
}
