using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Filters;

/// <summary>The HTTP API of filters (events behaviour, section 13.2), below a registration.</summary>
internal static class FilterEndpoints
{
    private const string Json = "application/json";

    public static void MapFilters(this IEndpointRouteBuilder routes)
    {
        var registration = routes.MapGroup("/events/{organizationId}/{projectId}/{workspaceId}/registrations/{registrationId}")
            .RequireManagementCaller().RequireWorkspace();
        registration.MapGet("/filters", ListAsync);
        registration.MapPost("/filters", AddAsync);
        registration.MapGet("/filters/{filterId}", GetAsync);
        registration.MapPut("/filters/{filterId}", ReplaceAsync);
        registration.MapDelete("/filters/{filterId}", RemoveAsync);
        registration.MapPost("/filter/validate", ValidateAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, string registrationId, RegistrationService registrations)
    {
        if ((await FindAsync(context, registrationId, registrations)).IsRefused(out var refusal, out var registration))
        {
            return refusal;
        }

        IReadOnlyList<SubscriberFilterBody> filters = registration.Filter is { } filter ? [SubscriberFilterBody.Of(filter)] : [];
        return Results.Json(filters, EventsJson.Default.IReadOnlyListSubscriberFilterBody, Json);
    }

    private static async Task<IResult> AddAsync(HttpContext context, string registrationId, RegistrationService registrations, FilterService filters)
    {
        if ((await FindAsync(context, registrationId, registrations)).IsRefused(out var refusal, out var registration)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.SubscriberFilterBody)).IsRefused(out refusal, out var body)
            || (await filters.AddAsync(registration, body)).IsRefused(out refusal, out var filter))
        {
            return refusal;
        }

        context.Response.Headers.Location = context.LinkTo($"{registration.Path()}/filters/{filter.Id}").Href;
        return Show(context, filter, Json, StatusCodes.Status201Created);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string registrationId, string filterId, RegistrationService registrations) =>
        (await FindAsync(context, registrationId, registrations)).IsRefused(out var refusal, out var registration) ? refusal
        : registration.Filter is { } filter && IsId(filterId, filter.Id) ? Show(context, filter, Json, StatusCodes.Status200OK)
        : FilterService.Unknown(filterId);

    private static async Task<IResult> ReplaceAsync(
        HttpContext context, string registrationId, string filterId, RegistrationService registrations, FilterService filters)
    {
        if ((await FindAsync(context, registrationId, registrations)).IsRefused(out var refusal, out var registration))
        {
            return refusal;
        }

        if (registration.Filter is not { } before || !IsId(filterId, before.Id))
        {
            return FilterService.Unknown(filterId);
        }

        return IfMatch.Parse(context).IsRefused(out refusal, out var condition)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.SubscriberFilterBody)).IsRefused(out refusal, out var body)
            || (await filters.ReplaceAsync(registration, before.Id, condition, body)).IsRefused(out refusal, out var filter)
            ? refusal
            : Show(context, filter, Hal.ContentType, StatusCodes.Status200OK);
    }

    private static async Task<IResult> RemoveAsync(
        HttpContext context, string registrationId, string filterId, RegistrationService registrations, FilterService filters)
    {
        if ((await FindAsync(context, registrationId, registrations)).IsRefused(out var refusal, out var registration))
        {
            return refusal;
        }

        if (registration.Filter is not { } filter || !IsId(filterId, filter.Id))
        {
            return FilterService.Unknown(filterId);
        }

        return IfMatch.Parse(context).IsRefused(out refusal, out var condition) ? refusal
            : await filters.RemoveAsync(registration, filter.Id, condition) is { } objection ? objection
            : Results.NoContent();
    }

    private static async Task<IResult> ValidateAsync(
        HttpContext context, string registrationId, RegistrationService registrations, FilterValidation validation)
    {
        if ((await FindAsync(context, registrationId, registrations)).IsRefused(out var refusal, out var registration)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.FilterValidationBody)).IsRefused(out refusal, out var body)
            || (await validation.TryAsync(registration, body, context.RequestAborted)).IsRefused(out refusal, out var verdict))
        {
            return refusal;
        }

        return Results.Json(verdict, EventsJson.Default.FilterVerdict, Hal.ContentType);
    }

    private static ValueTask<Outcome<Registration>> FindAsync(HttpContext context, string registrationId, RegistrationService registrations) =>
        registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted);

    private static bool IsId(string text, Guid id) => Guid.TryParse(text, out var given) && given == id;

    private static IResult Show(HttpContext context, SubscriberFilter filter, string contentType, int status)
    {
        context.Response.Headers.ETag = filter.Tag;
        return Results.Json(SubscriberFilterBody.Of(filter), EventsJson.Default.SubscriberFilterBody, contentType, status);
    }
}
