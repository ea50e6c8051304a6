using Microsoft.Extensions.DependencyInjection;

namespace Signalbox.Events.Notifications;

/// <summary>Registers the notification of administrators.</summary>
internal static class NotificationServices
{
    public static IServiceCollection AddNotifications(this IServiceCollection services, NotificationOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<NoticeBell>();
        services.AddSingleton<NoticeChannels>();
        services.AddSingleton<IStatusNotices, NoticeOutbox>();
        return services;
    }
}
