namespace Signalbox.Events.Traffic;

/// <summary>What happened in one minute for a workspace's registrations.</summary>
public sealed record TrafficMinute
{
    /// <summary>When it began.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Events that were accepted for at least one of its registrations.</summary>
    public long Published { get; init; }

    /// <summary>Events that an endpoint took; one that two registrations got counts twice, a batch counts each of its events.</summary>
    public long Delivered { get; init; }

    /// <summary>Requests that ended, retries included.</summary>
    public long Attempts { get; init; }

    /// <summary>Those that did not end with 2xx.</summary>
    public long Failures { get; init; }

    /// <summary>Those that took longer than <see cref="ITraffic.SlowAfter"/>.</summary>
    public long Slow { get; init; }

    /// <summary>The time that all requests took.</summary>
    public TimeSpan Duration { get; init; }

    internal TrafficMinute Plus(TrafficMinute other) => this with
    {
        Published = Published + other.Published,
        Delivered = Delivered + other.Delivered,
        Attempts = Attempts + other.Attempts,
        Failures = Failures + other.Failures,
        Slow = Slow + other.Slow,
        Duration = Duration + other.Duration,
    };
}
