using System.Text.Json;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tracing;

namespace Signalbox.Events.Challenges;

/// <summary>Reads the probes from the traces, where each challenge leaves them.</summary>
internal sealed class ChallengeReports(TraceStore traces) : IChallengeReports
{
    // A challenge is a GET and at most one POST.
    private const int ProbesMax = 2;

    public async Task<ChallengeReport?> FindAsync(Registration registration, CancellationToken cancellationToken)
    {
        var probes = new List<ChallengeProbe>(ProbesMax);
        foreach (var document in await traces.ListAsync(registration.Key, cancellationToken))
        {
            using var trace = JsonDocument.Parse(document);
            if (trace.RootElement.GetProperty("event").GetString() != Challenge.EventCode)
            {
                continue;
            }

            // Newest first: the GET is the last that belongs to the newest challenge.
            probes.Insert(0, Read(trace.RootElement));
            if (probes[0].Method == HttpMethod.Get.Method || probes.Count == ProbesMax)
            {
                break;
            }
        }

        return probes.Count == 0 ? null : new ChallengeReport(probes, ChallengeAdvice.For(probes, registration.Status));
    }

    private static ChallengeProbe Read(JsonElement document)
    {
        var trace = document.GetProperty("trace");
        var request = trace.GetProperty("tracingRequest");
        var response = trace.GetProperty("tracingResponse");
        return new ChallengeProbe
        {
            At = DateTimeOffset.FromUnixTimeMilliseconds(trace.GetProperty("deliveryTime").GetInt64()),
            Method = request.GetProperty("requestMethod").GetString() ?? "",
            Url = request.GetProperty("requestUrl").GetString() ?? "",
            RequestBody = request.GetProperty("requestBody").GetString() ?? "",
            RequestHeaders = Headers(request.GetProperty("requestHeaders")),
            Code = response.GetProperty("responseCode").GetInt32(),
            ResponseBody = response.GetProperty("responseBody").GetString() ?? "",
            ResponseHeaders = Headers(response.GetProperty("responseHeaders")),
            Duration = TimeSpan.FromMilliseconds(response.GetProperty("responseTime").GetInt64()),
        };
    }

    private static KeyValuePair<string, string>[] Headers(JsonElement headers) =>
        [.. headers.EnumerateObject().Select(header => KeyValuePair.Create(
            header.Name, string.Join(", ", header.Value.EnumerateArray().Select(value => value.GetString() ?? string.Empty))))];
}
