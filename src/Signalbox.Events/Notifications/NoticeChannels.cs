using Signalbox.Identity;

namespace Signalbox.Events.Notifications;

/// <summary>Which ways to an organization's administrators are set up.</summary>
internal sealed class NoticeChannels(NotificationOptions options)
{
    public const string Log = "log";

    public const string Email = "email";

    public const string Webhook = "webhook";

    public IEnumerable<string> For(OrganizationId organization)
    {
        yield return Log;
        if (options.Email.Host is { Length: > 0 } && AddressesOf(organization).Count > 0)
        {
            yield return Email;
        }

        if (options.Webhook.Url is not null)
        {
            yield return Webhook;
        }
    }

    public IReadOnlyList<string> AddressesOf(OrganizationId organization) =>
        options.Email.Organizations.TryGetValue(organization.Value, out var own) ? own : options.Email.To;
}
