namespace Signalbox.Events.Delivery;

/// <summary>What follows an attempt. The one place that decides it; pure.</summary>
public abstract record DeliveryStep
{
    private DeliveryStep()
    {
    }

    /// <summary>Decides what follows.</summary>
    /// <param name="outcome">How the attempt ended.</param>
    /// <param name="retryCount">0 when it was the first attempt.</param>
    /// <param name="firstAttemptAt">When the first attempt started.</param>
    /// <param name="endedAt">When this attempt ended.</param>
    /// <param name="notBefore">The endpoint asked not to be called before; null when it did not.</param>
    public static DeliveryStep After(
        AttemptOutcome outcome, int retryCount, DateTimeOffset firstAttemptAt, DateTimeOffset endedAt, DateTimeOffset? notBefore = null) => outcome switch
        {
            AttemptOutcome.Delivered => new Done(),
            AttemptOutcome.Rejected => new GiveUp(GiveUpReason.Rejected),
            _ when RetrySchedule.FindRetry(retryCount + 1, firstAttemptAt, endedAt, notBefore) is { } at => new RetryAt(at, retryCount + 1),
            _ when RetrySchedule.FindRetry(retryCount + 1, firstAttemptAt, endedAt) is not null => new GiveUp(GiveUpReason.AskedTooLong),
            _ => new GiveUp(GiveUpReason.Expired),
        };

    /// <summary>Nothing is owed any more.</summary>
    public sealed record Done : DeliveryStep;

    /// <summary>The next attempt, and the value of its <c>x-adobe-retry-count</c>.</summary>
    public sealed record RetryAt(DateTimeOffset At, int RetryCount) : DeliveryStep;

    /// <summary>It is not pushed any more; the journal still has it.</summary>
    public sealed record GiveUp(GiveUpReason Reason) : DeliveryStep;
}
