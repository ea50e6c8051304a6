using Signalbox.Events.Registrations;

namespace Signalbox.WebConsole.Registrations;

/// <summary>How a registration's events are delivered, for people.</summary>
internal static class DeliveryWords
{
    public static string Of(Registration registration) => (registration.DeliveryType, registration.RuntimeAction) switch
    {
        (DeliveryType.Journal, _) => "Journal",
        (DeliveryType.AwsEventBridge, _) => "Amazon EventBridge",
        (DeliveryType.WebhookBatch, not null) => "Runtime action, batch",
        (_, not null) => "Runtime action",
        (DeliveryType.WebhookBatch, null) => "Webhook, batch",
        _ => "Webhook",
    };
}
