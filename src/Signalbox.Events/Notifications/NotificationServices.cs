using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Signalbox.Identity.Workspaces;

namespace Signalbox.Events.Notifications;

/// <summary>Registers the notification of administrators.</summary>
internal static class NotificationServices
{
    private static readonly TimeSpan _timeoutMax = TimeSpan.FromHours(1);

    public static IServiceCollection AddNotifications(this IServiceCollection services, NotificationOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<Bell<NoticeSender>>();
        services.AddSingleton<WorkspaceLookup>(provider => provider.GetRequiredService<WorkspaceCatalog>().FindAsync);
        services.AddSingleton<INoticeChannel, LogChannel>();
        services.AddSingleton<INoticeChannel, EmailChannel>();
        services.AddSingleton<INoticeChannel, WebhookChannel>();
        services.AddSingleton<NoticeOutbox>();
        services.AddSingleton<IStatusNotices>(provider => provider.GetRequiredService<NoticeOutbox>());
        services.AddSingleton<NoticeSender>();
        services.AddHostedService(provider => provider.GetRequiredService<NoticeSender>());
        return services;
    }

    /// <exception cref="FormatException">An address or a number is not what it must be; the message names it.</exception>
    public static void Validate(NotificationOptions options)
    {
        var email = options.Email;
        if (email.Host is { Length: > 0 })
        {
            RequireAddress("Notifications:Email:From", email.From);
            foreach (var address in email.To.Concat(email.Organizations.Values.SelectMany(addresses => addresses)))
            {
                RequireAddress("Notifications:Email:To", address);
            }

            if (email.Port is < 1 or > 65_535)
            {
                throw new FormatException($"Notifications:Email:Port is {email.Port}. Ports go from 1 to 65535.");
            }

            if (email.To.Count == 0 && email.Organizations.Count == 0)
            {
                throw new FormatException("Notifications:Email:Host is given, but nobody to write to. Name the administrators with Notifications:Email:To:0.");
            }
        }

        if (options.Webhook.Url is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("https" or "http")))
        {
            throw new FormatException($"Notifications:Webhook:Url is '{url}', which is not an http or https URL.");
        }

        if (!options.DocumentationUrl.IsAbsoluteUri || options.DocumentationUrl.Scheme is not ("https" or "http"))
        {
            throw new FormatException($"Notifications:DocumentationUrl is '{options.DocumentationUrl}', which is not an http or https URL.");
        }

        RequireTimeout("Notifications:Email:Timeout", email.Timeout);
        RequireTimeout("Notifications:Webhook:Timeout", options.Webhook.Timeout);
        if (options.ChangesPerMessageMax < 1 || options.AttemptsMax < 1 || options.WaitingMax < 1 || options.Interval < TimeSpan.Zero)
        {
            throw new FormatException("Notifications: ChangesPerMessageMax, AttemptsMax and WaitingMax must be at least 1, Interval at least 0.");
        }
    }

    private static void RequireTimeout(string key, TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero || timeout > _timeoutMax)
        {
            throw new FormatException($"{key} is {timeout}. It must be more than 0 and at most {_timeoutMax}.");
        }
    }

    private static void RequireAddress(string key, string? address)
    {
        if (address is null || !MailboxAddress.TryParse(address, out _))
        {
            throw new FormatException($"{key} is '{address}', which is not an e-mail address such as ops@example.com.");
        }
    }
}
