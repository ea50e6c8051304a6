using Signalbox.Events.DeadLetters;

namespace Signalbox.WebConsole.Registrations;

/// <summary>Why deliveries ended without success, and what to do, for people.</summary>
internal static class DeadLetterText
{
    public static string Title(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.EndpointRejected => "Endpoint refused",
        DeadLetterReason.RetriesExhausted => "Retries exhausted",
        DeadLetterReason.RetryAfterTooLong => "Pause too long",
        DeadLetterReason.TargetRefused => "Address not allowed",
        DeadLetterReason.RegistrationDisabled => "Registration disabled",
        DeadLetterReason.ReplayCancelled => "Replay cancelled",
        _ => "Fault of this server",
    };

    public static string Explain(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.EndpointRejected => "The endpoint answered with a code that is not retried, such as 400. Mend the endpoint, then redrive.",
        DeadLetterReason.RetriesExhausted => "The endpoint failed until the 24 hours of the delivery's retries ended.",
        DeadLetterReason.RetryAfterTooLong => "The endpoint asked, by Retry-After, not to be called before the delivery's 24 hours end. Redrive once it is well.",
        DeadLetterReason.TargetRefused => "The webhook's name leads to an address that this server must not call.",
        DeadLetterReason.RegistrationDisabled => "The registration was deleted, or changed so that nothing is pushed to it.",
        DeadLetterReason.ReplayCancelled => "The replay that owed it was cancelled.",
        _ => "This server could not make the attempts. Its log says why; the operator has to mend it.",
    };
}
