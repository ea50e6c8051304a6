using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Stories;

/// <summary>
/// The story of one event, <c>GET /events/{organizationId}/stories/{eventId}</c>, and which events a publisher gave an id,
/// <c>GET /events/{organizationId}/stories?id=ID</c>.
/// </summary>
internal static class StoryEndpoints
{
    public static void MapStories(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/events/{organizationId}/stories", SearchAsync).RequireManagementCaller();
        routes.MapGet("/events/{organizationId}/stories/{eventId}", GetAsync).RequireManagementCaller();
    }

    private static async Task<IResult> SearchAsync(HttpContext context, string organizationId, StoryReader stories) =>
        context.Request.Query["id"] is [{ Length: > 0 } id]
            ? Results.Json(
                await stories.FindPublishedAsync(id, new OrganizationId(organizationId), context.RequestAborted), EventsJson.Default.PublishedEvents)
            : ApiRefusal.BadField("id", "Stories are searched by one id that a publisher gave its events: '?id=ID'.");

    private static async Task<IResult> GetAsync(HttpContext context, string organizationId, string eventId, StoryReader stories)
    {
        if (!Guid.TryParseExact(eventId, "D", out var id))
        {
            return ApiRefusal.BadField(
                "eventId", $"'{FieldChecks.Shown(eventId)}' is no event id. It is the UUID that the service gave the event, not its publisher's 'id': the header 'x-adobe-event-id' of the answer to its publish and of its deliveries, 'eventid' in the journal, and in Debug Tracing. Publishers' ids are searched by '/stories?id=ID'.");
        }

        return await stories.FindAsync(id, new OrganizationId(organizationId), context.RequestAborted) is { } story
            ? Results.Json(story, EventsJson.Default.EventStory)
            : ApiRefusal.NotFound($"Organization {FieldChecks.Shown(organizationId)} knows no event '{id:D}'. Events are kept as long as the journal; what every filter dropped is not kept.");
    }
}
