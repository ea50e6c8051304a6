namespace Signalbox.Events.Delivery;

/// <summary>When a failed delivery is tried again (events behaviour, section 7.5). Pure.</summary>
public static class RetrySchedule
{
    /// <summary>How long after the first attempt's start retries may start.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(15);

    /// <summary>The pause between the end of a failed attempt and retry <paramref name="retry"/>: 1, 2, 4, 8, 15, 15 … minutes.</summary>
    /// <param name="retry">1 for the first retry.</param>
    public static TimeSpan PauseBefore(int retry)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(retry, 1);
        return retry <= 4 ? TimeSpan.FromMinutes(1 << (retry - 1)) : _longest;
    }

    /// <summary>When retry <paramref name="retry"/> starts, or null when the delivery's 24 hours end before.</summary>
    public static DateTimeOffset? FindRetry(int retry, DateTimeOffset firstAttemptAt, DateTimeOffset failedAt)
    {
        var at = failedAt + PauseBefore(retry);
        return IsOver(firstAttemptAt, at) ? null : at;
    }

    /// <summary>True when an attempt that would start at <paramref name="at"/> comes too late.</summary>
    public static bool IsOver(DateTimeOffset? firstAttemptAt, DateTimeOffset at) => at - firstAttemptAt > Lifetime;
}
