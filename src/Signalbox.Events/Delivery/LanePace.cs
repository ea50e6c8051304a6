namespace Signalbox.Events.Delivery;

/// <summary>When an endpoint may be called again: its pauses, its rate, and the slow pace after many failures. Pure: the time is told to it.</summary>
internal sealed class LanePace
{
    /// <summary>After so many failures in a row the endpoint is called at a slow pace, so that it costs little.</summary>
    private const int FailuresUntilSlow = 32;

    private static readonly TimeSpan _slowPace = TimeSpan.FromMilliseconds(50);

    private DeliveryRate? _rate;
    private int _failuresInRow;
    private TimeSpan _slowUntil = TimeSpan.MinValue;
    private TimeSpan _inOrderUntil = TimeSpan.MinValue;

    /// <summary>Nothing is sent before: the endpoint asked for it, or the first in order waits for its retry.</summary>
    public TimeSpan PausedUntil => Later(AskedUntil, _inOrderUntil);

    /// <summary>The endpoint asked not to be called before.</summary>
    public TimeSpan AskedUntil { get; private set; } = TimeSpan.MinValue;

    /// <summary>When the next request may start.</summary>
    public TimeSpan NextAt => Later(Later(PausedUntil, _slowUntil), _rate?.NextAt ?? TimeSpan.MinValue);

    /// <summary>As far as is known the endpoint can follow.</summary>
    public bool IsWell => _failuresInRow == 0;

    /// <summary>Holds nothing back that a new one would not.</summary>
    public bool IsFresh => IsWell && _rate is null && PausedUntil == TimeSpan.MinValue;

    /// <summary>Sets the registration's rate; null for none.</summary>
    public void Limit(int? eventsPerSecond)
    {
        if (_rate?.EventsPerSecond != eventsPerSecond)
        {
            _rate = eventsPerSecond is { } rate ? new DeliveryRate(rate) : null;
        }
    }

    /// <summary>A request with so many events starts.</summary>
    public void Take(int events, TimeSpan now) => _rate?.Take(events, now);

    /// <summary>A request with so many events was not sent after all.</summary>
    public void GiveBack(int events) => _rate?.GiveBack(events);

    public void Succeeded() => _failuresInRow = 0;

    /// <summary>The endpoint could not follow.</summary>
    public void Failed() => _failuresInRow++;

    /// <summary>An attempt ended, however it did.</summary>
    public void Ended(TimeSpan now)
    {
        if (_failuresInRow >= FailuresUntilSlow)
        {
            _slowUntil = now + _slowPace;
        }
    }

    /// <summary>The endpoint asks not to be called for that long; a longer pause stays.</summary>
    public void PauseAsAsked(TimeSpan pause, TimeSpan now) => AskedUntil = Later(AskedUntil, now + AtMost(pause));

    /// <summary>What comes behind the first in order waits for its retry.</summary>
    public void WaitInOrder(TimeSpan pause, TimeSpan now) => _inOrderUntil = Later(_inOrderUntil, now + AtMost(pause));

    /// <summary>Which is the first in order is to be found out anew.</summary>
    public void ForgetOrder() => _inOrderUntil = TimeSpan.MinValue;

    /// <summary>What keeps the next request from starting, the longest first; null when nothing does.</summary>
    public (HoldReason Reason, TimeSpan Until)? FindHold(TimeSpan now)
    {
        ReadOnlySpan<(HoldReason Reason, TimeSpan Until)> holds =
        [
            (HoldReason.EndpointPause, AskedUntil), (HoldReason.InOrder, _inOrderUntil),
            (HoldReason.RateLimit, _rate?.NextAt ?? TimeSpan.MinValue), (HoldReason.SlowPace, _slowUntil),
        ];
        var longest = holds[0];
        foreach (var hold in holds[1..])
        {
            longest = hold.Until > longest.Until ? hold : longest;
        }

        return longest.Until > now ? longest : null;
    }

    private static TimeSpan AtMost(TimeSpan pause) => pause < RetryAfter.PauseMax ? pause : RetryAfter.PauseMax;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
