namespace Signalbox.Events.DeadLetters;

/// <summary>Why a delivery ended without success.</summary>
public enum DeadLetterReason
{
    /// <summary><c>endpoint_rejected</c>: the endpoint answered with a code that is not retried.</summary>
    EndpointRejected,

    /// <summary><c>retries_exhausted</c>: the endpoint failed until the delivery's 24 hours ended.</summary>
    RetriesExhausted,

    /// <summary><c>retry_after_too_long</c>: the endpoint asked not to be called before the delivery's 24 hours end.</summary>
    RetryAfterTooLong,

    /// <summary><c>target_refused</c>: there is no address that may be delivered to.</summary>
    TargetRefused,

    /// <summary><c>registration_disabled</c>: the registration was deleted, or changed so that nothing is pushed to it.</summary>
    RegistrationDisabled,

    /// <summary><c>replay_cancelled</c>: the replay that owed it was cancelled.</summary>
    ReplayCancelled,

    /// <summary><c>internal</c>: Signalbox could not make its attempts, or could not write the request.</summary>
    Internal,
}
