using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Signalbox.Bench;

/// <summary>Publishes at a steady rate events that say when they were sent.</summary>
internal static class TimedPublisher
{
    public static async Task PublishAsync(
        ServerProcess server, string provider, string eventCode, double perSecond, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var running = new List<Task>();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < perSecond * duration.TotalSeconds; i++)
        {
            var pause = TimeSpan.FromSeconds(i / perSecond) - Stopwatch.GetElapsedTime(start);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, cancellationToken);
            }

            running.Add(SendAsync(server, http, provider, eventCode, cancellationToken));
        }

        await Task.WhenAll(running);
    }

    private static async Task SendAsync(
        ServerProcess server, HttpClient http, string provider, string eventCode, CancellationToken cancellationToken)
    {
        var sentAt = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalMilliseconds.ToString("F3", CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url, "/ingress"));
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(server.BearerAuthorization);
        request.Headers.Add("x-api-key", server.ClientId);
        request.Content = new StringContent(
            $$$"""{"specversion":"1.0","id":"{{{Guid.NewGuid()}}}","source":"urn:uuid:{{{provider}}}","type":"{{{eventCode}}}","data":{"sentAt":{{{sentAt}}}}}""",
            Encoding.UTF8,
            "application/cloudevents+json");
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public static double Percentile(IReadOnlyCollection<double> values, double share) =>
        values.Order().ElementAt(Math.Min(values.Count - 1, (int)(values.Count * share)));
}
