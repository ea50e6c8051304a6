namespace Signalbox.Events.Delivery;

/// <summary>
/// Starts requests: lanes take turns, within their windows, their pace and the limit of all. A lane with nothing in
/// flight has the right of way even when that limit is reached, so that none is shut out. Guarded by the dispatcher's lock.
/// </summary>
internal sealed class RequestStarter(
    Lanes lanes, HeldDeliveries held, LaneAlarm alarm, DeliveryBell bell, int requestsMax, Uptime uptime, Action<StartedAttempt> start)
{
    private readonly Turns _turns = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Requests that run now.</summary>
    public int InFlight { get; private set; }

    /// <summary>Nothing is started any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Ends when it was stopped and the last request has ended.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Does whatever the change of a lane makes possible.</summary>
    public void Advance(Lane lane)
    {
        if (IsStopped)
        {
            return;
        }

        var now = uptime.Now;
        if (lane.InFlight == 0 && CanStart(lane, now))
        {
            StartNext(lane, now);
        }

        if (!lane.IsInRound && CanStart(lane, now))
        {
            lane.IsInRound = true;
            _turns.Enqueue(lane);
        }

        GiveTurns(lane, now);
        Settle(lane, now);
    }

    /// <summary>A request has ended: its place is free.</summary>
    public void Free()
    {
        InFlight--;
        EndWhenDrained();
    }

    /// <summary>Starts nothing from now on.</summary>
    public void Stop()
    {
        IsStopped = true;
        EndWhenDrained();
    }

    private void GiveTurns(Lane advanced, TimeSpan now)
    {
        while (InFlight < requestsMax && _turns.TryDequeue(out var next))
        {
            if (CanStart(next, now))
            {
                StartNext(next, now);
            }

            next.IsInRound = CanStart(next, now);
            if (next.IsInRound)
            {
                _turns.Enqueue(next);
            }
            else if (next != advanced)
            {
                Settle(next, now);
            }
        }
    }

    /// <summary>Has a dry lane read again when the table may have more, and forgets one that has nothing left.</summary>
    private void Settle(Lane lane, TimeSpan now)
    {
        if (lane.Refill is { HasMore: true, IsUnderWay: false } && lane.WaitingCount < held.RefillBelow(lane) && held.RefillRows(lane) > 0)
        {
            if (lane.Pace.PausedUntil > now)
            {
                alarm.Set(lane, lane.Pace.PausedUntil);
            }
            else
            {
                lane.Refill.Ask();
                bell.RingForLane(lane.RegistrationKey);
            }
        }

        if (lane is { IsIdle: true, IsFresh: true })
        {
            lanes.Remove(lane);
        }
    }

    private bool CanStart(Lane lane, TimeSpan now)
    {
        if (!lane.HasPlace)
        {
            return false;
        }

        var readyAt = lane.ReadyAt;
        if (readyAt <= now)
        {
            return true;
        }

        alarm.Set(lane, readyAt);
        return false;
    }

    private void StartNext(Lane lane, TimeSpan now)
    {
        var parcel = lane.StartNext(now);
        InFlight++;
        start(new StartedAttempt(lane, parcel, now));
    }

    private void EndWhenDrained()
    {
        if (IsStopped && InFlight == 0)
        {
            _drained.TrySetResult();
        }
    }
}
