using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Signalbox.Bench.Journal;

/// <summary>The p99 of durable publishes while a day of a journal, 1,000,000 events, is deleted, against the same without.</summary>
internal sealed class JournalRetention : IBenchmark
{
    private const string EventCode = "bench.retention";
    private const int Events = 1_000_000;
    private const int PerSecond = 200;
    private const string Expired = "signalbox_events_expired";

    private static readonly TimeSpan _round = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _untilPass = TimeSpan.FromSeconds(90);

    public string Name => "journal-retention";

    public string Description => $"p99 of publishes, {PerSecond}/s, while a day of {Events:N0} events is deleted / the same without";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var provider = await server.CreateRegistrationAsync(EventCode, runtimeAction: null, cancellationToken);
        await server.RestartAsync(
            () => JournalFill.RunAsync(
                server, provider, EventCode, Events, DateTimeOffset.UtcNow.AddDays(-8.5), TimeSpan.FromDays(1), cancellationToken),
            cancellationToken);
        var begun = Stopwatch.GetTimestamp();
        using var http = new HttpClient();
        await PublishAsync(server, http, provider, TimeSpan.FromSeconds(3), cancellationToken);
        var without = await PublishAsync(server, http, provider, _round, cancellationToken);
        while (await server.CounterAsync(Expired, string.Empty, cancellationToken) == 0)
        {
            if (Stopwatch.GetElapsedTime(begun) > _untilPass)
            {
                throw new InvalidOperationException($"Nothing was deleted within {_untilPass.TotalSeconds} s.");
            }

            await Task.Delay(100, cancellationToken);
        }

        var before = await server.CounterAsync(Expired, string.Empty, cancellationToken);
        var during = await PublishAsync(server, http, provider, _round, cancellationToken);
        var deleted = await server.CounterAsync(Expired, string.Empty, cancellationToken) - before;
        await Console.Error.WriteLineAsync(
            $"  {deleted / _round.TotalSeconds:N0} events/s deleted meanwhile; without: median {Median(without):N2} ms, longest {without.Max():N1} ms; meanwhile: median {Median(during):N2} ms, longest {during.Max():N1} ms");
        return new BenchResult(Name, P99(during), P99(without), "ms", Goal: 2, MoreIsBetter: false);
    }

    private static double Median(IReadOnlyList<double> times) => TimedPublisher.Percentile([.. times], 0.5);

    private static double P99(IReadOnlyList<double> times) => TimedPublisher.Percentile([.. times], 0.99);

    /// <summary>Publishes at a steady rate. How long each took, in ms.</summary>
    private static async Task<IReadOnlyList<double>> PublishAsync(
        ServerProcess server, HttpClient http, string provider, TimeSpan duration, CancellationToken cancellationToken)
    {
        var running = new List<Task<double>>();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < PerSecond * duration.TotalSeconds; i++)
        {
            var pause = TimeSpan.FromSeconds((double)i / PerSecond) - Stopwatch.GetElapsedTime(start);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, cancellationToken);
            }

            running.Add(SendAsync(server, http, provider, cancellationToken));
        }

        return await Task.WhenAll(running);
    }

    private static async Task<double> SendAsync(ServerProcess server, HttpClient http, string provider, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url, "/ingress"));
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(server.BearerAuthorization);
        request.Headers.Add("x-api-key", server.ClientId);
        request.Content = new StringContent(
            Publish.CloudEvent(provider, EventCode).Replace("event-@SEQ@", Guid.NewGuid().ToString(), StringComparison.Ordinal).Replace("@SEQ@", "1", StringComparison.Ordinal),
            Encoding.UTF8,
            "application/cloudevents+json");
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
