using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Signalbox.Bench.Journal;

/// <summary>
/// What one reader gets of a journal of 10,000,000 events at its slowest place, following the links with a large limit.
/// Each place is read from the disk, not from memory.
/// <c>SIGNALBOX_BENCH_JOURNAL_EVENTS</c> asks for fewer events.
/// </summary>
internal sealed partial class JournalRead : IBenchmark
{
    private const string EventCode = "bench.journal";
    private const int Limit = 5_000;
    private const double WantedMbPerSecond = 50;
    private const double BytesPerMb = 1e6;

    private static readonly double[] _places = [0, 0.25, 0.5, 0.75, 0.95];
    private static readonly TimeSpan _span = TimeSpan.FromDays(6);

    /// <summary>So long the server reads before it is measured, by its processor time: its code is compiled well only when much used.</summary>
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan _warmUpMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _round = TimeSpan.FromSeconds(3);

    public string Name => "journal-read";

    public string Description => "MB/s that one reader gets of a journal of 10,000,000 events, at the slowest of 5 places / 50";

    private static int Events =>
        int.Parse(Environment.GetEnvironmentVariable("SIGNALBOX_BENCH_JOURNAL_EVENTS") ?? "10000000", CultureInfo.InvariantCulture);

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var provider = await server.CreateRegistrationAsync(EventCode, runtimeAction: null, cancellationToken);
        var list = await server.EventsAsync(HttpMethod.Get, $"{server.WorkspacePath}/registrations", null, cancellationToken);
        var journal = new Uri(list!["_embedded"]!["registrations"]![0]!["_links"]!["rel:events"]!["href"]!.GetValue<string>());
        var first = DateTimeOffset.UtcNow - _span;
        await server.RestartAsync(
            () => JournalFill.RunAsync(server, provider, EventCode, Events, first, _span, cancellationToken), cancellationToken);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(server.BearerAuthorization);
        http.DefaultRequestHeaders.Add("x-api-key", server.ClientId);
        var begun = Stopwatch.GetTimestamp();
        var atStart = Used(server);
        while (Used(server) - atStart < _warmUp.TotalSeconds && Stopwatch.GetElapsedTime(begun) < _warmUpMax)
        {
            await ReadAsync(http, journal, "", TimeSpan.FromSeconds(1), cancellationToken);
        }

        var rates = new List<double>();
        foreach (var place in _places)
        {
            var back = DateTimeOffset.UtcNow - first - (place * _span);
            await ForgetAsync(server, cancellationToken);
            var used = Used(server);
            var rate = await ReadAsync(http, journal, place == 0 ? "" : $"&seek=-PT{(long)back.TotalSeconds}S", _round, cancellationToken);
            await Console.Error.WriteLineAsync(
                $"  at {place:P0}: {rate:N1} MB/s; {rate * _round.TotalSeconds / (Used(server) - used):N1} MB a second of the server's processor time");
            rates.Add(rate);
        }

        await Console.Error.WriteLineAsync($"  slowest / fastest: {rates.Min() / rates.Max():N2}");
        return new BenchResult(Name, rates.Min(), WantedMbPerSecond, "MB/s", Goal: 1, MoreIsBetter: true);
    }

    /// <summary>
    /// Drops the database from the page cache, so that every place is read from the disk, as by a reader who comes after
    /// days. What PostgreSQL keeps in memory of its own stays.
    /// </summary>
    private static async Task ForgetAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        if (server.ConnectionString is null)
        {
            await ChildProcess.RunAsync("dd", [$"if={Path.Combine(server.Data, "signalbox.db")}", "iflag=nocache", "count=0", "status=none"], null, cancellationToken);
        }
    }

    private static double Used(ServerProcess server) => server.UsedSeconds().Server is var (user, system) ? user + system : 0;

    private static async Task<double> ReadAsync(HttpClient http, Uri journal, string start, TimeSpan duration, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        var first = new Uri(journal, $"{journal.AbsolutePath}?limit={Limit}{start}");
        var next = first;
        var bytes = 0L;
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < duration)
        {
            using var response = await http.GetAsync(next, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                // A short journal is read to its end again.
                next = first;
                continue;
            }

            response.EnsureSuccessStatusCode();

            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                bytes += read;
            }

            next = new Uri(journal, NextLink().Match(string.Join(',', response.Headers.GetValues("Link"))).Groups[1].Value);
        }

        return bytes / BytesPerMb / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    [GeneratedRegex("<([^>]*)>; rel=\"next\"")]
    private static partial Regex NextLink();
}
