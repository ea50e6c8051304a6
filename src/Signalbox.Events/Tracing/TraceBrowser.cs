using System.Text.Json;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Tracing;

/// <inheritdoc cref="ITraces" />
internal sealed class TraceBrowser(TraceStore store) : ITraces
{
    private static readonly string[] _activationHeaders = ["x-target-action-activation-id", "x-openwhisk-activation-id"];

    public async Task<TraceListing> ListAsync(Registration registration, TraceQuery query, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(query.Limit, 1, TraceQuery.LimitMax);
        var kept = await store.SummarizeAsync(registration.Key, cancellationToken);
        var wanted = kept.Where(query.Wants).ToList();
        List<TraceSummary> page = query.NewerThan is { } newer ? [.. wanted.Where(t => t.Key > newer).TakeLast(limit)]
            : query.OlderThan is { } older ? [.. wanted.Where(t => t.Key < older).Take(limit)]
            : [.. wanted.Take(limit)];
        return new TraceListing(page, [.. kept.Select(t => t.Code).Distinct().Order()], kept.Any(t => !t.IsSuccess))
        {
            HasNewer = page.Count == 0 ? query.OlderThan is not null && wanted.Count > 0 : wanted[0].Key > page[0].Key,
            HasOlder = page.Count == 0 ? query.NewerThan is not null && wanted.Count > 0 : wanted[^1].Key < page[^1].Key,
        };
    }

    public async Task<TraceExchange?> FindAsync(Registration registration, long traceKey, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(registration.Key, traceKey, cancellationToken) is not { } document)
        {
            return null;
        }

        using var parsed = JsonDocument.Parse(document);
        var trace = parsed.RootElement.GetProperty("trace");
        var request = trace.GetProperty("tracingRequest");
        var response = trace.GetProperty("tracingResponse");
        var body = Text(response, "responseBody");
        var headers = Headers(response.GetProperty("responseHeaders"));
        return new TraceExchange
        {
            DeliveryId = Text(parsed.RootElement, "id"),
            RequestUrl = Text(request, "requestUrl"),
            RequestMethod = Text(request, "requestMethod"),
            ContentType = request.GetProperty("contentType").GetString(),
            RequestBody = Text(request, "requestBody"),
            RequestHeaders = Headers(request.GetProperty("requestHeaders")),
            ResponseCode = response.GetProperty("responseCode").GetInt32(),
            ResponseBody = body,
            ResponseHeaders = headers,
            Duration = TimeSpan.FromMilliseconds(response.GetProperty("responseTime").GetInt64()),
            EventIds = [.. trace.GetProperty("insightsInfo").EnumerateArray().SelectMany(EventIds)],
            ActivationIds = registration.RuntimeAction is null ? [] : [.. FindActivations(body, headers).Distinct()],
        };
    }

    /// <summary>A probe names itself where a delivery names its events; that is no event's id.</summary>
    private static IEnumerable<Guid> EventIds(JsonElement insight) =>
        insight.GetProperty("eventIds").EnumerateArray()
            .Select(id => Guid.TryParseExact(id.GetString(), "D", out var eventId) ? eventId : Guid.Empty)
            .Where(id => id != Guid.Empty);

    /// <summary>An error names the activation that failed in its body (events behaviour, section 14.4).</summary>
    private static IEnumerable<string> FindActivations(string body, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        if (FailedActivation(body) is { } failed)
        {
            yield return failed;
        }

        foreach (var name in _activationHeaders)
        {
            if (headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 } id)
            {
                yield return id;
            }
        }
    }

    private static string? FailedActivation(string body)
    {
        try
        {
            using var parsed = JsonDocument.Parse(body);
            return parsed.RootElement.ValueKind == JsonValueKind.Object
                && parsed.RootElement.TryGetProperty("activation_id", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter is half of a pair of surrogates, which no text can hold.
            return null;
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static KeyValuePair<string, string>[] Headers(JsonElement headers) =>
        [.. headers.EnumerateObject().Select(h => KeyValuePair.Create(h.Name, string.Join(", ", h.Value.EnumerateArray().Select(v => v.GetString()))))];
}
