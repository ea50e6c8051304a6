using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Challenges;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Health;

/// <summary>Signalbox's own addition to the Events API: how a registration stands, and how it came there.</summary>
internal static class HealthEndpoints
{
    public static void MapHealthOfRegistrations(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/events/{organizationId}/{projectId}/{workspaceId}/registrations/{registrationId}/status-history", GetAsync)
            .RequireManagementCaller().RequireWorkspace();

    private static async Task<IResult> GetAsync(
        HttpContext context, string registrationId, RegistrationService registrations, StatusHistory history,
        ChallengeResults challenges, HealthLedger ledger, HealthThresholds thresholds, TimeProvider clock)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration))
        {
            return refusal;
        }

        var checks = new FieldChecks();
        checks.Known(context.Request.Query);
        if (checks.Refusal is { } unknown)
        {
            return unknown;
        }

        var tally = ledger.Find(registration, clock.GetUtcNow());
        var entries = await history.ListAsync(registration.Key, context.RequestAborted);
        var challenge = (await challenges.FindAsync(registration.Key, context.RequestAborted))?.By(registration.Status);
        return Results.Json(
            StatusHistoryResource.Of(context, registration, tally, thresholds, challenge, entries),
            EventsJson.Default.StatusHistoryResource, Hal.ContentType);
    }
}
