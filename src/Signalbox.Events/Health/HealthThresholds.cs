namespace Signalbox.Events.Health;

/// <summary>When an endpoint counts as bad (events behaviour, section 10).</summary>
/// <param name="Window">How far back attempts count, and how long a registration stays unstable before it is judged again.</param>
/// <param name="AttemptsMin">Fewer attempts than this are never bad.</param>
/// <param name="FailurePercentMax">A larger share of failures is bad; this share itself is not.</param>
public sealed record HealthThresholds(TimeSpan Window, int AttemptsMin, int FailurePercentMax)
{
    public bool IsBad(AttemptTally tally) =>
        tally.Attempts >= AttemptsMin && tally.Failures * 100 > tally.Attempts * FailurePercentMax;

    public static HealthThresholds Of(EventsOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.HealthWindow, TimeSpan.FromHours(1));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HealthAttemptsMin);
        ArgumentOutOfRangeException.ThrowIfNegative(options.HealthFailurePercentMax);
        return new(options.HealthWindow, options.HealthAttemptsMin, options.HealthFailurePercentMax);
    }
}
