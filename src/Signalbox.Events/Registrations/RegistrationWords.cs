namespace Signalbox.Events.Registrations;

/// <summary>The words of the wire and of the database for delivery types and statuses (events behaviour, section 5.3).</summary>
internal static class RegistrationWords
{
    public static string Of(DeliveryType type) => type switch
    {
        DeliveryType.Webhook => "webhook",
        DeliveryType.WebhookBatch => "webhook_batch",
        DeliveryType.Journal => "journal",
        _ => "aws_eventbridge",
    };

    /// <summary>The delivery type in any case; null for an unknown word.</summary>
    public static DeliveryType? ToDeliveryType(string? word) => word?.ToUpperInvariant() switch
    {
        "WEBHOOK" => DeliveryType.Webhook,
        "WEBHOOK_BATCH" => DeliveryType.WebhookBatch,
        "JOURNAL" => DeliveryType.Journal,
        "AWS_EVENTBRIDGE" => DeliveryType.AwsEventBridge,
        _ => null,
    };

    public static string Of(WebhookStatus status) => status switch
    {
        WebhookStatus.Verified => "verified",
        WebhookStatus.Accepted => "accepted",
        WebhookStatus.Unstable => "unstable",
        WebhookStatus.HookUnreachable => "hook_unreachable",
        WebhookStatus.VerificationFailed => "verification_failed",
        _ => "pending",
    };

    /// <exception cref="ArgumentOutOfRangeException">A word that no version wrote.</exception>
    public static WebhookStatus ToStatus(string word) => word switch
    {
        "verified" => WebhookStatus.Verified,
        "accepted" => WebhookStatus.Accepted,
        "unstable" => WebhookStatus.Unstable,
        "hook_unreachable" => WebhookStatus.HookUnreachable,
        "verification_failed" => WebhookStatus.VerificationFailed,
        "pending" => WebhookStatus.Pending,
        _ => throw new ArgumentOutOfRangeException(nameof(word), word, "Unknown webhook status."),
    };
}
