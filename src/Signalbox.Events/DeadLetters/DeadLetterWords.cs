using Signalbox.Events.Delivery;

namespace Signalbox.Events.DeadLetters;

/// <summary>The reasons in the words of the wire and of the database, and what leads to each. Pure.</summary>
internal static class DeadLetterWords
{
    private const int UnexpectedClientError = 601;

    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<DeadLetterReason>().Select(Of)];

    public static string Of(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.EndpointRejected => "endpoint_rejected",
        DeadLetterReason.RetriesExhausted => "retries_exhausted",
        DeadLetterReason.RetryAfterTooLong => "retry_after_too_long",
        DeadLetterReason.TargetRefused => "target_refused",
        DeadLetterReason.RegistrationDisabled => "registration_disabled",
        DeadLetterReason.ReplayCancelled => "replay_cancelled",
        _ => "internal",
    };

    /// <summary>Null for an unknown word.</summary>
    public static DeadLetterReason? ToReason(string word) =>
        Enum.GetValues<DeadLetterReason>().Where(r => Of(r) == word).Select(r => (DeadLetterReason?)r).FirstOrDefault();

    public static DeadLetterFault FaultOf(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.EndpointRejected or DeadLetterReason.RetriesExhausted or DeadLetterReason.RetryAfterTooLong
            or DeadLetterReason.TargetRefused => DeadLetterFault.Endpoint,
        DeadLetterReason.RegistrationDisabled or DeadLetterReason.ReplayCancelled => DeadLetterFault.User,
        _ => DeadLetterFault.Signalbox,
    };

    public static string Of(DeadLetterFault fault) => fault switch
    {
        DeadLetterFault.Endpoint => "endpoint",
        DeadLetterFault.User => "user",
        _ => "signalbox",
    };

    /// <summary>What a delivery that ends without success becomes.</summary>
    /// <param name="giveUp">Why it is not tried again.</param>
    /// <param name="lastCode">What its last attempt led to; null when its end was found without an attempt.</param>
    /// <param name="isTargetRefused">The last attempt had no address that it was allowed to go to.</param>
    /// <param name="isOurFault">The last attempt failed for a reason that lies in this server alone.</param>
    public static DeadLetterReason ReasonOf(GiveUpReason giveUp, int? lastCode, bool isTargetRefused, bool isOurFault = false) => giveUp switch
    {
        GiveUpReason.NotPushed => DeadLetterReason.RegistrationDisabled,
        GiveUpReason.Rejected => DeadLetterReason.EndpointRejected,
        GiveUpReason.AskedTooLong when !isOurFault => DeadLetterReason.RetryAfterTooLong,
        _ when isTargetRefused => DeadLetterReason.TargetRefused,
        _ => isOurFault || lastCode is null or UnexpectedClientError ? DeadLetterReason.Internal : DeadLetterReason.RetriesExhausted,
    };
}
