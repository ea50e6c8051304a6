using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Signalbox.Events.Notifications;

/// <summary>The operator's API of the notices.</summary>
internal static class NotificationAdministration
{
    public static void MapNotificationAdministration(this IEndpointRouteBuilder admin) =>
        admin.MapPost("/notifications/test", async (string? organization, NoticeSender sender, CancellationToken cancellationToken) =>
            Results.Json(new NoticeTestList(await sender.TestAsync(organization ?? "", cancellationToken)), EventsJson.Default.NoticeTestList));
}
