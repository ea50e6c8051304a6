namespace Signalbox.Events.Registrations;

/// <summary>What a registration's user is told of its state: one word for <see cref="WebhookStatus"/> and <c>enabled</c> (events behaviour, section 16).</summary>
public enum RegistrationState
{
    Active,
    Unstable,
    Pending,
    Disabled,
}
