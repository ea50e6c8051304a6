using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Replays;

/// <summary>Signalbox's own addition to the Events API: delivering events again.</summary>
internal static class ReplayEndpoints
{
    private const int LimitMax = 100;

    public static void MapReplays(this IEndpointRouteBuilder routes)
    {
        var replays = routes.MapGroup("/events/{organizationId}/{projectId}/{workspaceId}/registrations/{registrationId}/replays")
            .RequireManagementCaller().RequireWorkspace();
        replays.MapPost("", StartAsync);
        replays.MapGet("", ListAsync);
        replays.MapGet("/{replayId}", GetAsync);
        replays.MapDelete("/{replayId}", CancelAsync);
    }

    /// <summary>A replay that has begun.</summary>
    public static async Task<IResult> AcceptedAsync(HttpContext context, Registration registration, Replay replay)
    {
        var resource = await DescribeAsync(context, registration, replay);
        context.Response.Headers.Location = resource.Links["self"].Href;
        return Results.Json(resource, EventsJson.Default.ReplayResource, Hal.ContentType, StatusCodes.Status202Accepted);
    }

    private static async Task<ReplayResource> DescribeAsync(HttpContext context, Registration registration, Replay replay) => ReplayResource.Of(
        context, registration, replay,
        await context.RequestServices.GetRequiredService<ReplayHolds>().FindAsync(registration, replay, context.RequestAborted));

    private static async Task<IResult> StartAsync(
        HttpContext context, string registrationId, RegistrationService registrations, ReplayService replays, TimeProvider clock)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.ReplayBody)).IsRefused(out refusal, out var body)
            || body.Select(clock.GetUtcNow()).IsRefused(out refusal, out var selection)
            || (await replays.StartAsync(registration, selection, context.RequestAborted)).IsRefused(out refusal, out var replay))
        {
            return refusal;
        }

        return await AcceptedAsync(context, registration, replay);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, string registrationId, RegistrationService registrations, ReplayStore store)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || KeysetPage.Parse(context.Request.Query, LimitMax).IsRefused(out refusal, out var page))
        {
            return refusal;
        }

        var replays = await store.ListAsync(registration.Key, page.After, page.Limit + 1, context.RequestAborted);
        var shown = replays.Take(page.Limit).ToList();
        var links = new Dictionary<string, HalLink> { ["self"] = context.LinkToSelf() };
        if (replays.Count > page.Limit)
        {
            links["next"] = page.Next(context, shown[^1].Key);
        }

        var resources = new List<ReplayResource>(shown.Count);
        foreach (var replay in shown)
        {
            resources.Add(await DescribeAsync(context, registration, replay));
        }

        return Results.Json(
            new ReplayCollection
            {
                Embedded = new EmbeddedReplays(resources),
                Links = links,
            },
            EventsJson.Default.ReplayCollection, Hal.ContentType);
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string registrationId, string replayId, RegistrationService registrations, ReplayService replays)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || (await replays.FindAsync(registration, replayId, context.RequestAborted)).IsRefused(out refusal, out var replay))
        {
            return refusal;
        }

        return Results.Json(await DescribeAsync(context, registration, replay), EventsJson.Default.ReplayResource, Hal.ContentType);
    }

    private static async Task<IResult> CancelAsync(
        HttpContext context, string registrationId, string replayId, RegistrationService registrations, ReplayService replays)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || (await replays.CancelAsync(registration, replayId, context.RequestAborted)).IsRefused(out refusal, out var replay))
        {
            return refusal;
        }

        return await AcceptedAsync(context, registration, replay);
    }
}
