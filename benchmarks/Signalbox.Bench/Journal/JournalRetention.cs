using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Signalbox.Bench.Journal;

/// <summary>
/// The p99 of durable publishes while a day of a journal, 1,000,000 events, is deleted, against the same without: while
/// places go, and while events go, the worse of the two. <c>SIGNALBOX_BENCH_JOURNAL_EVENTS</c> asks for another number.
/// </summary>
internal sealed class JournalRetention : IBenchmark
{
    private const string EventCode = "bench.retention";
    private const int PerSecond = 200;
    private const string Expired = "signalbox_events_expired";

    private static readonly TimeSpan _round = TimeSpan.FromSeconds(15);

    /// <summary>The first pass begins a minute after the start.</summary>
    private static readonly TimeSpan _untilPass = TimeSpan.FromSeconds(62);

    private static readonly TimeSpan _untilEvents = TimeSpan.FromMinutes(10);

    public string Name => "journal-retention";

    public string Description => $"p99 of publishes, {PerSecond}/s, while a day of 1,000,000 events is deleted / the same without";

    private static int Events =>
        int.Parse(Environment.GetEnvironmentVariable("SIGNALBOX_BENCH_JOURNAL_EVENTS") ?? "1000000", CultureInfo.InvariantCulture);

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
        if (_untilPass - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, cancellationToken);
        }

        var places = await PublishAsync(server, http, provider, _round, cancellationToken);
        while (await server.CounterAsync(Expired, string.Empty, cancellationToken) == 0)
        {
            if (Stopwatch.GetElapsedTime(begun) > _untilEvents)
            {
                throw new InvalidOperationException($"Nothing was deleted within {_untilEvents.TotalMinutes} minutes.");
            }

            await Task.Delay(100, cancellationToken);
        }

        var before = await server.CounterAsync(Expired, string.Empty, cancellationToken);
        var first = Stopwatch.GetTimestamp();
        var used = Used(server);
        var during = await PublishAsync(server, http, provider, _round, cancellationToken);
        var deleted = await server.CounterAsync(Expired, string.Empty, cancellationToken) - before;
        await Console.Error.WriteLineAsync(
            $"  {deleted / Stopwatch.GetElapsedTime(first).TotalSeconds:N0} events/s deleted meanwhile, {(Used(server) - used) / Stopwatch.GetElapsedTime(first).TotalSeconds:P0} of a core used; {Say("without", without)}; {Say("places", places)}; {Say("events", during)}");
        return new BenchResult(Name, Math.Max(P99(places), P99(during)), P99(without), "ms", Goal: 2, MoreIsBetter: false);
    }

    private static double Used(ServerProcess server) => server.UsedSeconds().Server is var (user, system) ? user + system : 0;

    private static string Say(string when, IReadOnlyList<double> times) =>
        $"{when}: median {Median(times):N2}, p99 {P99(times):N1}, longest {times.Max():N1} ms";

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
