using System.Diagnostics.CodeAnalysis;

namespace Signalbox.Events.Delivery;

/// <summary>
/// Starts requests: lanes take turns, within their windows, their pace and the limit of all, which nothing exceeds.
/// Guarded by the dispatcher's lock.
/// </summary>
/// <remarks>
/// An eighth of all places is kept for lanes with nothing in flight whose endpoint is well: they have the right of way,
/// so that neither a flood nor many dead endpoints hold up somebody's lone event. When those places are taken too, such
/// lanes get the next ones that become free, organization by organization.
/// </remarks>
internal sealed class RequestStarter(
    Lanes lanes, HeldDeliveries held, LaneAlarm alarm, DeliveryBell bell, int requestsMax, Uptime uptime, Action<StartedAttempt> start)
{
    /// <summary>Lanes with the right of way.</summary>
    private readonly Turns _first = new();

    private readonly Turns _turns = new();
    private readonly int _sharedMax = requestsMax - (requestsMax / 8);
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
        QueueUp(lane, now);
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
        while (TryTakeTurn(out var next))
        {
            if (CanStart(next, now))
            {
                StartNext(next, now);
            }

            QueueUp(next, now);
            if (!next.IsInRound && next != advanced)
            {
                Settle(next, now);
            }
        }
    }

    /// <summary>Lets a lane wait for its turn, if it could use one.</summary>
    private void QueueUp(Lane lane, TimeSpan now)
    {
        if (lane.HasRightOfWay ? lane.IsInFirstRound : lane.IsInTurns)
        {
            return;
        }

        if (!CanStart(lane, now))
        {
            return;
        }

        if (lane.HasRightOfWay)
        {
            lane.IsInFirstRound = true;
            _first.Enqueue(lane);
        }
        else
        {
            lane.IsInTurns = true;
            _turns.Enqueue(lane);
        }
    }

    private bool TryTakeTurn([MaybeNullWhen(false)] out Lane lane)
    {
        while (InFlight < requestsMax && _first.TryDequeue(out lane))
        {
            // It may have had its turn among the others meanwhile.
            lane.IsInFirstRound = false;
            if (lane.HasRightOfWay)
            {
                return true;
            }
        }

        lane = null;
        if (InFlight < _sharedMax && _turns.TryDequeue(out lane))
        {
            lane.IsInTurns = false;
            return true;
        }

        return false;
    }

    /// <summary>Has a dry lane read again when the table may have more, and forgets one that has nothing left.</summary>
    private void Settle(Lane lane, TimeSpan now)
    {
        if (lane.Refill is { HasMore: true, IsUnderWay: false } && lane.WaitingCount < held.RefillBelow(lane) && held.RefillRows(lane) > 0)
        {
            if (lane.PausedUntil > now)
            {
                alarm.Set(lane, lane.PausedUntil);
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
