using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;
using Signalbox.Events.Tracing;
using Signalbox.Identity;

namespace Signalbox.Events.DeadLetters;

/// <summary>Signalbox's own addition to the Events API: the deliveries that ended without success.</summary>
internal static class DeadLetterEndpoints
{
    private const int LimitMax = 100;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/events/{organizationId}/{projectId}/{workspaceId}/registrations/{registrationId}/dead-letters")
            .RequireManagementCaller().RequireWorkspace();
        letters.MapGet("", ListAsync);
        letters.MapDelete("", PurgeManyAsync);
        letters.MapPost("/redrive", RedriveManyAsync);
        letters.MapGet("/{deadLetterId}", GetAsync);
        letters.MapDelete("/{deadLetterId}", PurgeAsync);
        letters.MapPost("/{deadLetterId}/redrive", RedriveAsync);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, string registrationId, RegistrationService registrations, DeadLetterStore store, IEventReader events)
    {
        var query = context.Request.Query;
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || DeadLetterFilter.Parse(query).IsRefused(out refusal, out var filter)
            || KeysetPage.Parse(query, LimitMax, "reason", "from", "to").IsRefused(out refusal, out var page))
        {
            return refusal;
        }

        var letters = await store.ListAsync(registration.Key, filter, page.After, page.Limit + 1, context.RequestAborted);
        var shown = letters.Take(page.Limit).ToList();
        var found = (await events.ReadAsync([.. shown.Select(l => l.EventSequence)], context.RequestAborted)).ToDictionary(e => e.Sequence);
        var links = new Dictionary<string, HalLink> { ["self"] = context.LinkToSelf() };
        if (letters.Count > page.Limit)
        {
            links["next"] = page.Next(context, shown[^1].Key);
        }

        return Results.Json(
            new DeadLetterCollection
            {
                Counts = (await store.CountAsync(registration.Key, context.RequestAborted)).ToDictionary(c => DeadLetterWords.Of(c.Reason), c => c.Count),
                Dropped = await store.CountDroppedAsync(registration.Key, context.RequestAborted),
                Embedded = new EmbeddedDeadLetters([.. shown.Select(l => DeadLetterResource.Of(context, registration, l, found.GetValueOrDefault(l.EventSequence)))]),
                Links = links,
            },
            EventsJson.Default.DeadLetterCollection, Hal.ContentType);
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string registrationId, string deadLetterId,
        RegistrationService registrations, DeadLetterStore store, IEventReader events, TraceStore traces)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration))
        {
            return refusal;
        }

        if (!TryParse(deadLetterId, out var key) || await store.FindAsync(registration.Key, key, context.RequestAborted) is not { } letter)
        {
            return Unknown(deadLetterId);
        }

        var accepted = (await events.ReadAsync([letter.EventSequence], context.RequestAborted)).FirstOrDefault();
        var trace = letter.LastDeliveryId is null ? null : await traces.FindAsync(registration.Key, letter.LastDeliveryId, context.RequestAborted);
        var resource = DeadLetterResource.Of(context, registration, letter, accepted) with
        {
            Event = accepted is null ? null : new RawJson(DeliveredPayload.Compose(accepted, registration.ClientId)),
            LastTrace = trace is null ? null : new RawJson(trace),
        };
        return Results.Json(resource, EventsJson.Default.DeadLetterResource, Hal.ContentType);
    }

    private static async Task<IResult> PurgeAsync(
        HttpContext context, string registrationId, string deadLetterId, RegistrationService registrations, DeadLetterStore store)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration))
        {
            return refusal;
        }

        return TryParse(deadLetterId, out var key) && await store.PurgeAsync(registration.Key, key) ? Results.NoContent() : Unknown(deadLetterId);
    }

    private static async Task<IResult> PurgeManyAsync(HttpContext context, string registrationId, RegistrationService registrations, DeadLetterStore store)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || DeadLetterFilter.ParseChoice(context.Request.Query).IsRefused(out refusal, out var filter))
        {
            return refusal;
        }

        return Results.Json(
            new PurgedResource(await store.PurgeAsync(registration.Key, filter, context.RequestAborted)),
            EventsJson.Default.PurgedResource, Hal.ContentType);
    }

    private static async Task<IResult> RedriveAsync(
        HttpContext context, string registrationId, string deadLetterId,
        RegistrationService registrations, IDeadLetters letters)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration))
        {
            return refusal;
        }

        if (!TryParse(deadLetterId, out var key))
        {
            return Unknown(deadLetterId);
        }

        return (await letters.RedriveAsync(registration, key, context.RequestAborted)).IsRefused(out refusal, out _)
            ? refusal
            : Results.StatusCode(StatusCodes.Status202Accepted);
    }

    /// <summary>Many at once are a replay: paced, with progress, and it can be cancelled.</summary>
    private static async Task<IResult> RedriveManyAsync(
        HttpContext context, string registrationId, RegistrationService registrations, ReplayService replays)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || (await ReadChoiceAsync(context)).IsRefused(out refusal, out var filter)
            || (await replays.StartAsync(registration, new ReplaySelection.Failed(filter), context.RequestAborted)).IsRefused(out refusal, out var replay))
        {
            return refusal;
        }

        return await ReplayEndpoints.AcceptedAsync(context, registration, replay);
    }

    /// <summary>In the body or in the query.</summary>
    private static async Task<Outcome<DeadLetterFilter>> ReadChoiceAsync(HttpContext context)
    {
        if ((await RequestBody.ReadJsonBytesAsync(context)).IsRefused(out var refusal, out var bytes))
        {
            return refusal;
        }

        if (bytes.Length == 0)
        {
            return DeadLetterFilter.ParseChoice(context.Request.Query);
        }

        return context.Request.Query.Count > 0 ? ApiRefusal.BadRequest("Say which ones either in the query or in the body, not in both.")
            : RequestBody.Parse(bytes, EventsJson.Default.RedriveBody).IsRefused(out refusal, out var body) ? refusal
            : body.Select();
    }

    private static bool TryParse(string id, out long key) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out key);

    private static ApiRefusal Unknown(string id) => ApiRefusal.NotFound(
        $"The registration has no dead letter '{FieldChecks.Shown(id)}'. It may have been redriven, purged, or be older than its retention.");
}
