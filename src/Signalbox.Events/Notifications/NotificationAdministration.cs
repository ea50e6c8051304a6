using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Identity;
using Signalbox.Identity.Workspaces;

namespace Signalbox.Events.Notifications;

/// <summary>The operator's API of the notices.</summary>
internal static class NotificationAdministration
{
    public static void MapNotificationAdministration(this IEndpointRouteBuilder admin) => admin.MapPost("/notifications/test", TestAsync);

    /// <summary>Without an organization, the administrators of all that have none of their own; a misspelt one must not reach these instead.</summary>
    private static async Task<IResult> TestAsync(string? organization, NoticeSender sender, WorkspaceCatalog workspaces, CancellationToken cancellationToken)
    {
        var id = organization ?? "";
        return id.Length > 0 && !await workspaces.HasOrganizationAsync(new OrganizationId(id), cancellationToken)
            ? ApiRefusal.BadField("organization", $"There is no organization '{FieldChecks.Shown(id)}'. Give the id of one, or none for the administrators of all that have none of their own.")
            : Results.Json(new NoticeTestList(await sender.TestAsync(id, cancellationToken)), EventsJson.Default.NoticeTestList);
    }
}
