using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Events.Edge;
using Signalbox.Events.EventLog;
using Signalbox.Identity;
using Signalbox.Storage.Faults;

namespace Signalbox.Events.Ingress;

/// <summary>Where events come in (events behaviour, section 6).</summary>
/// <remarks>
/// <code>
///  1 limit of the API key ─► 2 read the body ─► 3 check it ─► 4 provider of its source ─► 5 audience of its type
///     mode of the request      one or several events                   (both from memory)          │
///  200 OK ◄── 7 the commit has ended ◄── 6 EventLog: events, journals, deliveries in one commit ◄──┘
/// </code>
/// A batch is one request: when one of its events is refused, none is stored, and the answer says which and why.
/// </remarks>
internal sealed class IngressEndpoint(EventsOptions options, PublishLimiter limiter, EventRouter router, EventLog.EventLog log)
{
    private const string PhiDataHeader = "x-event-phidata";

    /// <summary>The service's id of the event, as its deliveries carry it.</summary>
    private const string EventIdHeader = "x-adobe-event-id";

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

        if (PublishModes.Of(context.Request).IsRefused(out var refusal, out var mode)
            || IsPhiData(context.Request.Headers[PhiDataHeader]).IsRefused(out refusal, out var isPhiData)
            || (await ReadEventsAsync(context, mode)).IsRefused(out refusal, out var events)
            || (await RouteAsync(context, events, mode, isPhiData)).IsRefused(out refusal, out var routed))
        {
            return refusal;
        }

        if (!routed.HasAudience)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return null;
        }

        if (routed.Published.Count > 0)
        {
            Failpoints.Pass(Failpoint.AcceptBeforeCommit);
            var stored = await log.AppendAsync(routed.Published, context.RequestAborted);
            Failpoints.Pass(Failpoint.AcceptAfterCommit);

            // Not when it was stored before: which id it got then is not looked up.
            if (mode != PublishMode.Batch && stored[0] is { } accepted)
            {
                context.Response.Headers[EventIdHeader] = accepted.EventId.ToString("D");
            }
        }

        var response = context.Response;
        response.ContentType = "text/plain";
        response.ContentLength = _ok.Length;
        await response.Body.WriteAsync(_ok, context.RequestAborted);
        Failpoints.Pass(Failpoint.AcceptAfterAnswer);
        return null;
    }

    /// <summary>The events of the body, each in structured mode and in bytes of its own.</summary>
    private async ValueTask<Outcome<List<byte[]>>> ReadEventsAsync(HttpContext context, PublishMode mode)
    {
        var bytesMax = mode == PublishMode.Batch ? options.PublishBatchBytesMax : options.PublishBytesMax;
        if ((await RequestBody.ReadAsync(context, bytesMax)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        if (body.AsSpan().StartsWith(Encoding.UTF8.Preamble))
        {
            body = body[Encoding.UTF8.Preamble.Length..];
        }

        if (body.Length == 0 && mode != PublishMode.Binary)
        {
            return ApiRefusal.BadRequest($"The body is empty. Send {(mode == PublishMode.Batch ? "a batch as a JSON array of CloudEvents" : "one CloudEvent as a JSON object")}.");
        }

        switch (mode)
        {
            case PublishMode.Batch:
                return EventBatch.Split(body, options);
            case PublishMode.Binary:
                return BinaryEvent.ToStructured(context.Request.Headers, context.Request.ContentType, body).IsRefused(out refusal, out body)
                    ? refusal
                    : new List<byte[]>(1) { body };
            default:
                return new List<byte[]>(1) { body };
        }
    }

    /// <summary>Finds out for each event who gets it. All of them must be in order, before the first is stored.</summary>
    private async ValueTask<Outcome<RoutedEvents>> RouteAsync(HttpContext context, List<byte[]> events, PublishMode mode, bool isPhiData)
    {
        var organization = context.GetCaller().OrganizationId;
        var published = new List<PublishedEvent>(events.Count);
        var hasAudience = false;
        var traceParent = TraceParent(context);
        for (var i = 0; i < events.Count; i++)
        {
            if ((await router.RouteAsync(events[i], organization, isPhiData, context.RequestAborted)).IsRefused(out var refusal, out var routed))
            {
                return mode == PublishMode.Batch ? InBatch(refusal, i) : refusal;
            }

            // What every filter drops leaves no trace, and is acknowledged all the same (section 13.1).
            hasAudience |= routed.Interested is not null;
            if (routed.ToPublish(traceParent) is { } toPublish)
            {
                published.Add(toPublish);
            }
        }

        return new RoutedEvents(hasAudience, published);
    }

    private static ApiRefusal InBatch(ApiRefusal refusal, int index) => refusal with
    {
        Message = $"Event [{index}] of the batch is refused, and with it the whole batch. {refusal.Message}",
        Errors = [.. refusal.Errors.Select(e => e with { Field = $"[{index}].{e.Field}" })],
    };

    /// <summary>The trace that deliveries continue: this request's own span, or the one that the publisher named.</summary>
    private static string? TraceParent(HttpContext context) =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id
        : context.Request.Headers.TraceParent is [{ Length: 55 } given] && ActivityContext.TryParse(given, null, out _) ? given
        : null;

    private static Outcome<bool> IsPhiData(string? header)
    {
        var isPhiData = false;
        return string.IsNullOrEmpty(header) || bool.TryParse(header, out isPhiData)
            ? isPhiData
            : ApiRefusal.BadRequest($"The header '{PhiDataHeader}' is '{FieldChecks.Shown(header)}'. It must be true or false.");
    }

    /// <param name="HasAudience">Somebody is interested, filters aside.</param>
    /// <param name="Published">What is to be stored.</param>
    private sealed record RoutedEvents(bool HasAudience, List<PublishedEvent> Published);
}
