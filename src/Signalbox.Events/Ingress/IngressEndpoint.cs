using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Signalbox.Events.Edge;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Identity;
using Signalbox.Storage.Faults;

namespace Signalbox.Events.Ingress;

/// <summary>Where events come in (events behaviour, section 6).</summary>
/// <remarks>
/// <code>
///  1 limit of the API key ─► 2 read the body ─► 3 check it ─► 4 provider of its source ─► 5 audience of its type
///                                                                      (both from memory)          │
///  200 OK ◄── 7 the commit has ended ◄── 6 EventLog: event, journals, deliveries in one commit ◄───┘
/// </code>
/// </remarks>
internal sealed class IngressEndpoint(
    EventsOptions options, PublishLimiter limiter, IProviderDirectory providers, RegistrationDirectory registrations, EventLog.EventLog log)
{
    private const string SourcePrefix = "urn:uuid:";
    private const string PhiDataHeader = "x-event-phidata";

    private static readonly byte[] _ok = "OK"u8.ToArray();

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/ingress", context => Of(context).PublishAsync(context)).RequireApiCaller();
        routes.MapPost("/", context => Of(context).PublishAtRootAsync(context)).RequireApiCaller();
    }

    private static IngressEndpoint Of(HttpContext context) => context.RequestServices.GetRequiredService<IngressEndpoint>();

    private Task PublishAtRootAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        return string.Equals(host, options.IngressHost, StringComparison.OrdinalIgnoreCase)
            || host.StartsWith("eventsingress", StringComparison.OrdinalIgnoreCase)
            ? PublishAsync(context)
            : ApiRefusal.NotFound($"Events are not published at '/' of '{FieldChecks.Shown(host)}'. Post them to /ingress.").ExecuteAsync(context);
    }

    private async Task PublishAsync(HttpContext context)
    {
        using var span = EventsMetrics.Activities.StartActivity("publish", ActivityKind.Producer);
        var status = await PublishCoreAsync(context) is { } refusal ? await RefuseAsync(context, refusal, span) : context.Response.StatusCode;
        EventsMetrics.Publishes.Add(1, new KeyValuePair<string, object?>("status", status));
    }

    private static async Task<int> RefuseAsync(HttpContext context, ApiRefusal refusal, Activity? span)
    {
        span?.SetStatus(ActivityStatusCode.Error, refusal.Message);
        await refusal.ExecuteAsync(context);
        return refusal.Status;
    }

    private async ValueTask<ApiRefusal?> PublishCoreAsync(HttpContext context)
    {
        var caller = context.GetCaller();
        var seconds = limiter.SecondsToWait(caller.ApiKey.Value);
        if (seconds > 0)
        {
            return ApiRefusal.TooManyRequests(
                $"The API key has published {options.PublishesPerWindowMax} times within {options.PublishWindow.TotalSeconds} s. Wait {seconds} s.", seconds);
        }

        if (RefuseContentType(context.Request.ContentType) is { } unsupported)
        {
            return unsupported;
        }

        if ((await RequestBody.ReadAsync(context, options.PublishBytesMax)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        if (Route(body, context.Request.Headers[PhiDataHeader]).IsRefused(out refusal, out var routed))
        {
            return refusal;
        }

        if (await providers.FindAsync(routed.ProviderId, context.RequestAborted) is not { } provider)
        {
            return ApiRefusal.NotFound($"'source' names no provider of this server. It must be {SourcePrefix}<provider id>.");
        }

        if (provider.OrganizationId != caller.OrganizationId)
        {
            return ApiRefusal.Forbidden("'source' names a provider of another organization.");
        }

        var index = await registrations.GetIndexAsync(context.RequestAborted);
        if (index.Match(provider.Id, routed.Type) is not { } audience)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return null;
        }

        // What every filter drops leaves no trace, and is acknowledged all the same (section 13.1).
        var recipients = audience.Of(routed.Payload);
        if (recipients.All.Length > 0)
        {
            Failpoints.Pass(Failpoint.AcceptBeforeCommit);
            await log.AppendAsync(provider.Id, recipients, routed.Payload, TraceParent(context), context.RequestAborted);
            Failpoints.Pass(Failpoint.AcceptAfterCommit);
        }

        var response = context.Response;
        response.ContentType = "text/plain";
        response.ContentLength = _ok.Length;
        await response.Body.WriteAsync(_ok, context.RequestAborted);
        Failpoints.Pass(Failpoint.AcceptAfterAnswer);
        return null;
    }

    private static ApiRefusal? RefuseContentType(string? contentType) =>
        contentType is "application/cloudevents+json" or "application/json"
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.MediaType.Equals("application/cloudevents+json", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            && (type.Charset.Length == 0 || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)))
            ? null
            : ApiRefusal.UnsupportedMediaType(
                FieldChecks.Shown(contentType ?? ""), "one CloudEvent in structured mode as application/cloudevents+json, in UTF-8");

    /// <summary>The trace that deliveries continue: this request's own span, or the one that the publisher named.</summary>
    private static string? TraceParent(HttpContext context) =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id
        : context.Request.Headers.TraceParent is [{ Length: 55 } given] ? given
        : null;

    private static Outcome<Routed> Route(byte[] body, string? phiData)
    {
        Span<char> source = stackalloc char[CloudEventReader.RoutedLengthMax];
        Span<char> type = stackalloc char[CloudEventReader.RoutedLengthMax];
        var reader = new CloudEventReader(body, source, type);
        if (reader.Read() is { } fault)
        {
            return fault.Attribute.Length == 0
                ? ApiRefusal.BadRequest(fault.Message)
                : ApiRefusal.BadField(fault.Attribute, fault.Message);
        }

        var isPhiData = false;
        if (!string.IsNullOrEmpty(phiData) && !bool.TryParse(phiData, out isPhiData))
        {
            return ApiRefusal.BadRequest($"The header '{PhiDataHeader}' is '{FieldChecks.Shown(phiData)}'. It must be true or false.");
        }

        var given = source[..reader.SourceLength];
        var providerId = given.StartsWith(SourcePrefix) && Guid.TryParseExact(given[SourcePrefix.Length..], "D", out var id) ? id : Guid.Empty;
        return new Routed(
            providerId,
            type[..reader.TypeLength].ToString(),
            isPhiData ? MarkPhiData(body, reader.PhiData, reader.AfterOpeningBrace) : body);
    }

    /// <summary>The same event with the extension <c>phidata</c> set to true.</summary>
    private static byte[] MarkPhiData(byte[] body, Range given, int afterOpeningBrace)
    {
        var (offset, length) = given.GetOffsetAndLength(body.Length);
        return length > 0
            ? [.. body.AsSpan(0, offset), .. "true"u8, .. body.AsSpan(offset + length)]
            : [.. body.AsSpan(0, afterOpeningBrace), .. "\"phidata\":true,"u8, .. body.AsSpan(afterOpeningBrace)];
    }

    private readonly record struct Routed(Guid ProviderId, string Type, byte[] Payload);
}
