using System.Diagnostics.CodeAnalysis;
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

    private readonly int _windowMax;
    private readonly int _actionBatchBytesMax;
    private readonly Queue<OwedDelivery> _waiting = new();
    private long _waitingBytes;
    private int _heldInFlight;
    private TimeSpan _gatheredAt = TimeSpan.MinValue;
    private TimeSpan _restsUntil = TimeSpan.MinValue;
    private TimeSpan _owedAnewAt = TimeSpan.MinValue;

    public Lane(Registration registration, int windowMax, int actionBatchBytesMax = Parcel.BytesMax)
    {
        (_windowMax, _actionBatchBytesMax) = (windowMax, actionBatchBytesMax);
        Registration = registration;
        BeginAfresh();
    }

    /// <summary>As of its last change: what waits here is sent by these settings, whatever they were when it came.</summary>
    public Registration Registration { get; private set; }

    public long RegistrationKey => Registration.Key;

    public OrganizationId OrganizationId => Registration.OrganizationId;

    /// <summary>How many requests at once.</summary>
    public DeliveryWindow Window { get; private set; }

    /// <summary>How soon the next.</summary>
    public LanePace Pace { get; private set; }

    /// <summary>What else the table has.</summary>
    public LaneRefill Refill { get; } = new();

    /// <summary>One request at a time, in the order of the events; a failed one holds up those behind it.</summary>
    public bool IsOrdered => Registration.IsOrdered;

    /// <summary>A request may carry several events.</summary>
    public bool IsBatch => EventsMax > 1;

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
    public TimeSpan ReadyAt => Later(_restsUntil, IsGathering ? Later(_gatheredAt, Pace.NextAt) : Pace.NextAt);

    /// <summary>Nothing is sent before, and nothing read.</summary>
    public TimeSpan PausedUntil => Later(_restsUntil, Pace.PausedUntil);

    /// <summary>Nothing of it waits, neither here nor in the table.</summary>
    public bool IsCaughtUp => _waiting.Count == 0 && Refill.IsIdle;

    public bool IsIdle => Held == 0 && Refill.IsIdle && !IsInRound && AlarmAt is null;

    /// <summary>Holds nothing back that a new lane would not.</summary>
    public bool IsFresh => Window.IsFresh && Pace.IsFresh && _restsUntil == TimeSpan.MinValue;

    private bool IsGathering =>
        IsBatch && InFlight > 0 && _waiting.Count < EventsMax && _waitingBytes < BytesMax;

    private int EventsMax => Parcel.EventsMaxOf(Registration);

    private int BytesMax => Parcel.BytesMaxOf(Registration, _actionBatchBytesMax);

    /// <summary>
    /// Follows the registration's settings, unless they are older than those it has. What was learned of an endpoint is
    /// forgotten when events go elsewhere, and when an edit found the endpoint well. True when what waits, and what a read
    /// under way brings, must be read again in order.
    /// </summary>
    public bool Configure(Registration registration)
    {
        var before = Registration;
        if (registration.UpdatedAt <= before.UpdatedAt)
        {
            return false;
        }

        Registration = registration;
        if (registration.BeginsAfresh(before))
        {
            BeginAfresh();
        }
        else
        {
            Pace.Limit(registration.DeliveryRatePerSecond);
        }

        return registration.IsOrdered && !before.IsOrdered;
    }

    /// <summary>
    /// The table owes something anew, wherever it stands. It may be of an event that is under way: its outcome is kept
    /// already and the lane was not told yet, so that a read takes the row for the one in memory. What was the first in
    /// order may be gone.
    /// </summary>
    public void ExpectAnywhere(TimeSpan now)
    {
        _owedAnewAt = now;
        Pace.ForgetOrder();
        Refill.ExpectAnywhere();
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
        var (eventsMax, bytesMax) = (EventsMax, BytesMax);
        var deliveries = new List<OwedDelivery>(eventsMax) { Dequeue() };
        var bytes = 2 + Parcel.BytesOf(deliveries[0]);
        while (deliveries.Count < eventsMax
            && _waiting.TryPeek(out var next)
            && Parcel.MayJoin(deliveries[0], next)
            && bytes + Parcel.BytesOf(next) <= bytesMax)
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
        var mayBeOwedAnew = attempt.StartedAt <= _owedAnewAt;
        if (mayBeOwedAnew)
        {
            Refill.ExpectAnywhere();
        }

        switch (end)
        {
            case AttemptEnd.Kept kept:
                Refill.Outdate(attempt.Parcel);
                Learn(kept.Report, attempt, now);
                break;
            case AttemptEnd.Broke broke:
                Refill.Outdate(attempt.Parcel);
                Refill.ExpectAnywhere();
                _restsUntil = now + _restAfterBreak;
                if (Registration.HasTargetOf(attempt.Parcel.Registration))
                {
                    Heed(broke.NotBefore, broke.At, now);
                }

                break;
            case AttemptEnd.Postponed:
                Pace.GiveBack(attempt.Parcel.Deliveries.Count);
                Refill.ExpectAnywhere();
                break;
        }

        if (IsOrdered && end.RetryIn is { } retryIn)
        {
            // What comes behind waits for it, and is read again in order.
            Pace.WaitInOrder(retryIn, now);
            return true;
        }

        return PausedUntil > now + _heldPauseMax || (IsOrdered && mayBeOwedAnew);
    }

    /// <summary>What keeps the next request from starting, and until when; null when nothing does.</summary>
    public (HoldReason Reason, TimeSpan Until)? FindHold(TimeSpan now)
    {
        var hold = Pace.FindHold(now);
        return _restsUntil > now && _restsUntil > (hold?.Until ?? now) ? (HoldReason.OutcomeUnkept, _restsUntil) : hold;
    }

    /// <summary>True when the delivery is in memory and waits for its turn.</summary>
    public bool HasWaiting(DeliveryKey key) => _waiting.Any(delivery => delivery.Key == key);

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

    [MemberNotNull(nameof(Window), nameof(Pace))]
    private void BeginAfresh()
    {
        Window = new DeliveryWindow(_windowMax);
        Pace = new LanePace();
        Pace.Limit(Registration.DeliveryRatePerSecond);
    }

    /// <summary>Learns from how the endpoint took it, if it is still the same.</summary>
    private void Learn(AttemptReport report, StartedAttempt attempt, TimeSpan now)
    {
        UsedAt = now;
        if (!Registration.HasTargetOf(attempt.Parcel.Registration))
        {
            return;
        }

        switch (report.Outcome)
        {
            case AttemptOutcome.Delivered:
                Window.Succeeded();
                Pace.Succeeded();
                break;
            case { IsOverload: true }:
                Window.Failed(attempt.StartedAt, now);
                Pace.Failed();
                break;
        }

        Pace.Ended(now);
        Heed(report.NotBefore, report.EndedAt, now);
    }

    /// <summary>Takes up the endpoint's wish not to be called before a time.</summary>
    private void Heed(DateTimeOffset? notBefore, DateTimeOffset endedAt, TimeSpan now)
    {
        if (notBefore is { } wished)
        {
            Pace.PauseAsAsked(wished - endedAt, now);
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private OwedDelivery Dequeue()
    {
        var delivery = _waiting.Dequeue();
        _waitingBytes -= delivery.Accepted.Payload.Length;
        return ReferenceEquals(delivery.Registration, Registration) ? delivery : delivery with { Registration = Registration };
    }
}
