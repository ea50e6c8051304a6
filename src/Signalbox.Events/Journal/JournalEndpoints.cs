using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Journal;

/// <summary>The HTTP API of journals (events behaviour, section 12).</summary>
internal static class JournalEndpoints
{
    private const string Tail = "/organizations/{organizationId}/integrations/{credentialId}/{registrationId}";
    private const string RetryAfterSeconds = "10";

    public static void MapJournal(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in (string[])["/events", "", "/events-fast"])
        {
            routes.MapGet(prefix + Tail, ReadAsync).RequireApiCaller();
            routes.MapGet(prefix + Tail + "/validate", ValidateAsync).RequireApiCaller();
        }

        routes.MapGet("/events-validate" + Tail, ValidateAsync).RequireApiCaller();
        routes.MapGet("/count" + Tail, CountAsync).RequireApiCaller();
        routes.MapGet("/events/count" + Tail, CountAsync).RequireApiCaller();
    }

    private static Task ReadAsync(
        HttpContext context, string organizationId, string credentialId, string registrationId,
        IRegistrationDirectory registrations, JournalReader journal) =>
        AnswerAsync(context, organizationId, credentialId, registrationId, registrations, journal, mustHavePosition: false);

    private static Task ValidateAsync(
        HttpContext context, string organizationId, string credentialId, string registrationId,
        IRegistrationDirectory registrations, JournalReader journal) =>
        AnswerAsync(context, organizationId, credentialId, registrationId, registrations, journal, mustHavePosition: true);

    private static async Task AnswerAsync(
        HttpContext context, string organizationId, string credentialId, string registrationId,
        IRegistrationDirectory registrations, JournalReader journal, bool mustHavePosition)
    {
        var refusal = await TryAnswerAsync(context, organizationId, credentialId, registrationId, registrations, journal, mustHavePosition);
        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
        }

        EventsMetrics.JournalReads.Add(1, new KeyValuePair<string, object?>("status", context.Response.StatusCode));
    }

    private static async Task<ApiRefusal?> TryAnswerAsync(
        HttpContext context, string organizationId, string credentialId, string registrationId,
        IRegistrationDirectory registrations, JournalReader journal, bool mustHavePosition)
    {
        if ((await FindAsync(registrations, organizationId, credentialId, registrationId, context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || JournalQuery.Parse(context.Request.Query, registration.Id).IsRefused(out refusal, out var query))
        {
            return refusal;
        }

        if (mustHavePosition && query.Since is null)
        {
            return ApiRefusal.BadField("since", "'since' is missing. Give the position to validate.");
        }

        if ((await journal.ReadAsync(registration, query, context.RequestAborted)).IsRefused(out refusal, out var page))
        {
            return refusal;
        }

        var response = context.Response;
        var position = JournalPosition.Format(registration.Id, page.Position);
        response.Headers.Link = JournalLinks.Build(context, registration, position, query.Limit, isEmpty: page.Body is null);
        response.Headers.CacheControl = "no-store";
        if (page.Body is not { } body)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            response.Headers.RetryAfter = RetryAfterSeconds;
            return null;
        }

        using (body)
        {
            response.ContentType = "application/vnd.adobecloud.events+json;charset=UTF-8";
            // In chunks, without a length: where the connection breaks within a page, the published client then says so and
            // can go on, while it waits for ever for the rest of a body whose length it was told (node-fetch 2).
            await response.Body.WriteAsync(body.Written, context.RequestAborted);
        }

        return null;
    }

    private static async Task<IResult> CountAsync(
        HttpContext context, string organizationId, string credentialId, string registrationId,
        IRegistrationDirectory registrations, JournalReader journal)
    {
        if ((await FindAsync(registrations, organizationId, credentialId, registrationId, context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || JournalQuery.Parse(context.Request.Query, registration.Id).IsRefused(out refusal, out var query))
        {
            return refusal;
        }

        var count = await journal.CountAsync(registration, query.Since ?? 0, context.RequestAborted);
        return Results.Text($$"""{"count":{{count.ToString(CultureInfo.InvariantCulture)}}}""", "application/json");
    }

    private static async ValueTask<Outcome<Registration>> FindAsync(
        IRegistrationDirectory registrations, string organizationId, string credentialId, string registrationId, CancellationToken cancellationToken) =>
        Guid.TryParse(registrationId, out var id)
        && await registrations.FindAsync(new RegistrationId(id), cancellationToken) is { } registration
        && registration.OrganizationId.Value == organizationId && registration.CredentialId.Value == credentialId
            ? registration
            : ApiRefusal.NotFound($"Credential {FieldChecks.Shown(credentialId)} has no registration '{FieldChecks.Shown(registrationId)}'.");

    /// <summary>Refuses in JSON, except that an expired position is told in the documented plain text.</summary>
    private static Task RefuseAsync(HttpContext context, ApiRefusal refusal)
    {
        if (refusal.Status != StatusCodes.Status410Gone)
        {
            return refusal.ExecuteAsync(context);
        }

        context.Response.StatusCode = refusal.Status;
        RequestId.Of(context);
        context.Response.ContentType = "text/plain;charset=UTF-8";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(refusal.Message), context.RequestAborted).AsTask();
    }
}
