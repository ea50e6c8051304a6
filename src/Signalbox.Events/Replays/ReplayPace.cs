namespace Signalbox.Events.Replays;

/// <summary>
/// One replay's rate, in time that passes, however often somebody looks. What was left unused counts for
/// <paramref name="step"/>, or for one event when that is more. Pure: the time is told to it.
/// </summary>
internal sealed class ReplayPace(int eventsPerSecond, TimeSpan step)
{
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1) / eventsPerSecond;
    private TimeSpan _paidUntil = TimeSpan.MinValue;

    /// <summary>How many events it may come to now.</summary>
    public int FindShare(TimeSpan now)
    {
        var earliest = now - TimeSpan.FromTicks(Math.Max(step.Ticks, _interval.Ticks));
        _paidUntil = earliest > _paidUntil ? earliest : _paidUntil;
        return (int)((now - _paidUntil).Ticks / _interval.Ticks);
    }

    /// <summary>When it last came to some.</summary>
    public TimeSpan TakenAt { get; private set; } = TimeSpan.MinValue;

    /// <summary>It comes to so many more.</summary>
    public void Take(int events, TimeSpan now) => (_paidUntil, TakenAt) = (_paidUntil + (events * _interval), now);
}
