using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Delivery;

/// <summary>
/// The deliveries of one registration that are in memory, and when the next request may start. Guarded by the
/// dispatcher's lock.
/// </summary>
internal sealed class Lane
{
    /// <summary>
    /// An event waits at most this long for others to fill its batch, and only while another request is under way: a lone
    /// one goes at once.
    /// </summary>
    private static readonly TimeSpan _gatheringTime = TimeSpan.FromMilliseconds(5);

    /// <summary>After so many failures in a row the endpoint is called at a slow pace, so that it costs little.</summary>
    private const int FailuresUntilSlow = 32;

    private static readonly TimeSpan _slowPace = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan _pauseMax = RetrySchedule.Lifetime;

    private readonly Queue<OwedDelivery> _waiting = new();
    private DeliveryRate? _rate;
    private long _waitingBytes;
    private int _failuresInRow;
    private DateTimeOffset _slowUntil = DateTimeOffset.MinValue;
    private DateTimeOffset _gatheredAt = DateTimeOffset.MinValue;
    private DateTimeOffset _configuredAt = DateTimeOffset.MinValue;

    public Lane(Registration registration, int windowMax)
    {
        (RegistrationKey, OrganizationId) = (registration.Key, registration.OrganizationId);
        Window = new DeliveryWindow(windowMax);
        Configure(registration);
    }

    public long RegistrationKey { get; }

    public OrganizationId OrganizationId { get; }

    public DeliveryWindow Window { get; }

    /// <summary>One request at a time, in the order of the events; a failed one holds up those behind it.</summary>
    public bool IsOrdered { get; private set; }

    public bool IsBatch { get; private set; }

    public int WaitingCount => _waiting.Count;

    /// <summary>Requests under way.</summary>
    public int InFlight { get; private set; }

    /// <summary>Deliveries in memory, under way or not.</summary>
    public int Held => _waiting.Count + HeldInFlight;

    /// <summary>The table may hold due rows that memory does not.</summary>
    public bool HasMore { get; set; }

    /// <summary>A read of the table for this lane was asked for and has not come back.</summary>
    public bool IsRefilling { get; set; }

    /// <summary>What the read under way brings is out of order by now and must be read again.</summary>
    public bool DiscardsRefill { get; set; }

    /// <summary>Stands in the dispatcher's turns.</summary>
    public bool IsInRound { get; set; }

    /// <summary>When the dispatcher's alarm looks at it again; null: it is not asleep.</summary>
    public DateTimeOffset? AlarmAt { get; set; }

    public DateTimeOffset UsedAt { get; set; }

    /// <summary>Nothing is sent before: the endpoint asked for it, or the first in order waits for its retry.</summary>
    public DateTimeOffset PausedUntil { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>
    /// What ended while a read was under way: the read may have seen those rows before they went, and must not bring
    /// them back.
    /// </summary>
    public HashSet<long> EndedWhileRefilling { get; } = [];

    public bool HasPlace => _waiting.Count > 0 && InFlight < (IsOrdered ? 1 : Window.Size);

    public bool IsIdle => Held == 0 && !HasMore && !IsRefilling && !IsInRound && AlarmAt is null;

    /// <summary>Holds nothing back that a new lane would not.</summary>
    public bool IsFresh => Window.IsFresh && _failuresInRow == 0 && _rate is null && PausedUntil == DateTimeOffset.MinValue;

    private int HeldInFlight { get; set; }

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
        IsBatch = registration.DeliveryType == DeliveryType.WebhookBatch;
        if (_rate?.EventsPerSecond != registration.DeliveryRatePerSecond)
        {
            _rate = registration.DeliveryRatePerSecond is { } rate ? new DeliveryRate(rate) : null;
        }

        return becameOrdered;
    }

    public void Enqueue(OwedDelivery delivery, DateTimeOffset now)
    {
        if (_waiting.Count == 0)
        {
            _gatheredAt = now + _gatheringTime;
        }

        _waiting.Enqueue(delivery);
        _waitingBytes += delivery.Accepted.Payload.Length;
    }

    /// <summary>When the next request may start, given a place for it.</summary>
    public DateTimeOffset ReadyAt()
    {
        var at = PausedUntil > _slowUntil ? PausedUntil : _slowUntil;
        at = _rate?.NextAt > at ? _rate.NextAt : at;
        return IsGathering && _gatheredAt > at ? _gatheredAt : at;
    }

    /// <summary>Takes what the next request carries.</summary>
    public Parcel StartNext(DateTimeOffset now)
    {
        var deliveries = new List<OwedDelivery> { Dequeue() };
        var bytes = 2 + Parcel.BytesOf(deliveries[0]);
        while (IsBatch
            && deliveries.Count < Parcel.EventsMax
            && _waiting.TryPeek(out var next)
            && Parcel.MayJoin(deliveries[0], next)
            && bytes + Parcel.BytesOf(next) <= Parcel.BytesMax)
        {
            deliveries.Add(Dequeue());
            bytes += Parcel.BytesOf(next);
        }

        InFlight++;
        HeldInFlight += deliveries.Count;
        UsedAt = now;
        _gatheredAt = now + _gatheringTime;
        _rate?.Take(deliveries.Count, now);
        return new Parcel(deliveries);
    }

    /// <summary>A request is over.</summary>
    public void End(Parcel parcel)
    {
        InFlight--;
        HeldInFlight -= parcel.Deliveries.Count;
    }

    /// <summary>Learns from how the endpoint took it.</summary>
    public void Learn(AttemptReport report, DateTimeOffset now)
    {
        UsedAt = now;
        switch (report.Outcome)
        {
            case AttemptOutcome.Delivered:
                Window.Succeeded();
                _failuresInRow = 0;
                break;
            case { IsOverload: true }:
                Window.Failed(report.StartedAt, now);
                _failuresInRow++;
                break;
        }

        if (_failuresInRow >= FailuresUntilSlow)
        {
            _slowUntil = now + _slowPace;
        }

        if (report.NotBefore is { } notBefore)
        {
            PauseUntil(notBefore, now);
        }
    }

    /// <summary>Nothing is sent before that time; a longer pause stays.</summary>
    public void PauseUntil(DateTimeOffset at, DateTimeOffset now)
    {
        at = at > now + _pauseMax ? now + _pauseMax : at;
        PausedUntil = at > PausedUntil ? at : PausedUntil;
    }

    /// <summary>Gives up what waits: it is in the table.</summary>
    public IReadOnlyList<OwedDelivery> ReleaseWaiting()
    {
        OwedDelivery[] released = [.. _waiting];
        _waiting.Clear();
        _waitingBytes = 0;
        HasMore |= released.Length > 0;
        return released;
    }

    private bool IsGathering =>
        IsBatch && InFlight > 0 && _waiting.Count < Parcel.EventsMax && _waitingBytes < Parcel.BytesMax;

    private OwedDelivery Dequeue()
    {
        var delivery = _waiting.Dequeue();
        _waitingBytes -= delivery.Accepted.Payload.Length;
        return delivery;
    }
}
