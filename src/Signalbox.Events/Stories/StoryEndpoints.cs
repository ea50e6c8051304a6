using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Stories;

/// <summary>The story of one event: <c>GET /events/{organizationId}/stories/{eventId}</c>.</summary>
internal static class StoryEndpoints
{
    public static void MapStories(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/events/{organizationId}/stories/{eventId}", GetAsync).RequireManagementCaller();

    private static async Task<IResult> GetAsync(HttpContext context, string organizationId, string eventId, StoryReader stories)
    {
        if (!Guid.TryParseExact(eventId, "D", out var id))
        {
            return ApiRefusal.BadField(
                "eventId", $"'{FieldChecks.Shown(eventId)}' is no event id. It is the UUID that a delivered event carries as 'eventid' and in the header 'x-adobe-event-id'.");
        }

        return await stories.FindAsync(id, new OrganizationId(organizationId), context.RequestAborted) is { } story
            ? Results.Json(story, EventsJson.Default.EventStory)
            : ApiRefusal.NotFound($"Organization {FieldChecks.Shown(organizationId)} knows no event '{id:D}'. Events are kept as long as the journal.");
    }
}
