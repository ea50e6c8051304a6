namespace Signalbox.Events.Delivery;

/// <summary>How long a whole attempt may take (events behaviour, section 7.3).</summary>
internal static class DeliveryTimeouts
{
    public static readonly TimeSpan Webhook = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan RuntimeAction = TimeSpan.FromSeconds(60);

    public static TimeSpan Of(Registrations.Registration registration) =>
        registration.RuntimeAction is null ? Webhook : RuntimeAction;
}
