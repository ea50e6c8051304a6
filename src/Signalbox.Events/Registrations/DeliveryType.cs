namespace Signalbox.Events.Registrations;

/// <summary>How a registration receives its events (events behaviour, section 5.2).</summary>
public enum DeliveryType
{
    /// <summary><c>webhook</c>: one event a request.</summary>
    Webhook,

    /// <summary><c>webhook_batch</c>: up to 20 events a request.</summary>
    WebhookBatch,

    /// <summary><c>journal</c>: pulled only.</summary>
    Journal,

    /// <summary><c>aws_eventbridge</c>.</summary>
    AwsEventBridge,
}
