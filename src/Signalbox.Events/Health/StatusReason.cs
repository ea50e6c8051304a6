using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <summary>Why a status changed, in the words of the API. Pure.</summary>
public static class StatusReason
{
    public const string Created = "created";
    public const string Deleted = "deleted";
    public const string EndpointFails = "endpoint_fails";
    public const string EndpointStillFails = "endpoint_still_fails";
    public const string EndpointRecovered = "endpoint_recovered";
    public const string ChallengeAnswered = "challenge_answered";
    public const string ChallengeFailed = "challenge_failed";
    public const string ChallengePending = "challenge_pending";
    public const string EnabledByUser = "enabled_by_user";
    public const string DisabledByUser = "disabled_by_user";
    public const string DestinationChanged = "destination_changed";
    public const string SourceAssociated = "source_associated";
    public const string SourceExpired = "source_expired";
    public const string SourcePending = "source_pending";

    /// <summary>Why one state followed the other; null when the status is the same.</summary>
    /// <param name="before">Null when it is new.</param>
    /// <param name="after">As it stands now.</param>
    /// <param name="isJudged">Its attempts were judged; otherwise it was edited or challenged.</param>
    internal static string? Of(Registration? before, Registration after, bool isJudged)
    {
        if (before is null)
        {
            return Created;
        }

        if (after.DeletedAt is not null)
        {
            return before.DeletedAt is null ? Deleted : null;
        }

        if (before.Status != after.Status && !isJudged && after.DeliveryType == DeliveryType.AwsEventBridge)
        {
            return after.Status switch
            {
                WebhookStatus.Verified => SourceAssociated,
                WebhookStatus.VerificationFailed => SourceExpired,
                _ => SourcePending,
            };
        }

        if (before.Status != after.Status)
        {
            return (after.Status, isJudged) switch
            {
                (WebhookStatus.Unstable, _) => EndpointFails,
                (WebhookStatus.HookUnreachable, _) => EndpointStillFails,
                (WebhookStatus.Verified, true) => EndpointRecovered,
                (WebhookStatus.Verified, _) => after.DeliveryType == DeliveryType.Journal ? DestinationChanged : ChallengeAnswered,
                (WebhookStatus.VerificationFailed, _) => ChallengeFailed,
                _ => ChallengePending,
            };
        }

        return before.IsEnabled == after.IsEnabled ? null
            : after.IsEnabled ? EnabledByUser : DisabledByUser;
    }
}
