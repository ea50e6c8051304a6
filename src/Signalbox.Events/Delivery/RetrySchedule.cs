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
    /// <param name="retry">1 for the first retry.</param>
    /// <param name="firstAttemptAt">When the first attempt started.</param>
    /// <param name="failedAt">When the last attempt ended.</param>
    /// <param name="notBefore">The endpoint asked not to be called before; null when it did not.</param>
    public static DateTimeOffset? FindRetry(
        int retry, DateTimeOffset firstAttemptAt, DateTimeOffset failedAt, DateTimeOffset? notBefore = null)
    {
        var at = failedAt + PauseBefore(retry);
        at = notBefore > at ? notBefore.Value : at;
        return IsOver(firstAttemptAt, at) ? null : at;
    }

    /// <summary>True when an attempt that would start at <paramref name="at"/> comes too late.</summary>
    public static bool IsOver(DateTimeOffset? firstAttemptAt, DateTimeOffset at) => at - firstAttemptAt > Lifetime;
}
