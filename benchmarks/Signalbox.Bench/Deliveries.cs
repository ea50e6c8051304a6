using System.Diagnostics;
using System.Globalization;

namespace Signalbox.Bench;

/// <summary>Publishes at full speed and waits until all is delivered: from the first publish to the last delivery.</summary>
internal static class Deliveries
{
    private const string Delivered = "signalbox_events_delivery_delivered";
    private const string Published = "signalbox_events_published";

    /// <summary>Connections that publish.</summary>
    private const int Publishers = 16;

    /// <summary>Events in a request, so that publishing, which has a benchmark of its own, takes little of the cores.</summary>
    private const int PublishedAtOnce = 20;

    /// <summary>Code is compiled well only when much used, and the compiler takes its time from the same cores.</summary>
    private const int WarmUpRounds = 3;

    private static readonly TimeSpan _publishing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Events a second against half of what the cores can sign, since each event carries two signatures. The cores sign while
    /// the server is idle, right after each round of deliveries.
    /// </summary>
    public static async Task<BenchResult> CompareToSigningAsync(
        string name, ServerProcess server, string provider, string eventCode, CancellationToken cancellationToken)
    {
        await WarmUpAsync(server, provider, eventCode, cancellationToken);
        return await Rounds.CompareInPairsAsync(
            name,
            "events/s",
            goal: 0.8,
            _ => RoundAsync(server, provider, eventCode, cancellationToken),
            async _ =>
            {
                await server.BecomeIdleAsync(cancellationToken);
                return await SigningLimitAsync(cancellationToken);
            });
    }

    /// <summary>The median of three rounds, in events a second.</summary>
    /// <param name="server">The server.</param>
    /// <param name="provider">Whose events are published.</param>
    /// <param name="eventCode">Their type.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<double> MeasureAsync(ServerProcess server, string provider, string eventCode, CancellationToken cancellationToken)
    {
        await WarmUpAsync(server, provider, eventCode, cancellationToken);
        var rates = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            rates.Add(await RoundAsync(server, provider, eventCode, cancellationToken));
        }

        return Rounds.Median(rates);
    }

    /// <summary>One round of publishing one by one for a while.</summary>
    public static Task<double> RoundAsync(
        ServerProcess server, string provider, string eventCode, int connections, TimeSpan publishing, CancellationToken cancellationToken) =>
        RoundAsync(
            server,
            () => Wrk.PostAsync(
                new Uri(server.Url, "/ingress"), Publish.CloudEvent(provider, eventCode), server.PublishHeaders, connections, publishing, cancellationToken),
            cancellationToken);

    /// <summary>One round of publishing in batches.</summary>
    private static Task<double> RoundAsync(ServerProcess server, string provider, string eventCode, CancellationToken cancellationToken) =>
        RoundAsync(
            server,
            () => Wrk.PostAsync(
                new Uri(server.Url, "/ingress"),
                Publish.Batch(provider, eventCode, PublishedAtOnce),
                server.PublishBatchHeaders,
                Publishers,
                _publishing,
                cancellationToken),
            cancellationToken);

    private static async Task WarmUpAsync(ServerProcess server, string provider, string eventCode, CancellationToken cancellationToken)
    {
        for (var round = 0; round < WarmUpRounds; round++)
        {
            await RoundAsync(server, provider, eventCode, cancellationToken);
        }
    }

    private static async Task<double> RoundAsync(ServerProcess server, Func<Task> publishAsync, CancellationToken cancellationToken)
    {
        var before = await server.CounterAsync(Delivered, string.Empty, cancellationToken);
        var publishedBefore = await server.CounterAsync(Published, string.Empty, cancellationToken);
        var used = ServerSeconds();
        var start = Stopwatch.GetTimestamp();
        await publishAsync();
        var published = await server.CounterAsync(Published, string.Empty, cancellationToken) - publishedBefore;
        double ServerSeconds() => server.UsedSeconds() is { Server: var spent } ? spent.User + spent.System : 0;
        while (true)
        {
            var delivered = await server.CounterAsync(Delivered, string.Empty, cancellationToken) - before;
            if (delivered >= published)
            {
                var rate = published / Stopwatch.GetElapsedTime(start).TotalSeconds;
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"  {published} events, {rate:N0}/s, {(ServerSeconds() - used) * 1e6 / published:N0} µs of the server's processor time each"));
                return rate;
            }

            if (Stopwatch.GetElapsedTime(start) > _patience)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{delivered} of {published} events were delivered in {_patience}."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    private static async Task<double> SigningLimitAsync(CancellationToken cancellationToken)
    {
        var output = await ChildProcess.RunAsync(
            "openssl", ["speed", "-seconds", "3", "-multi", $"{Environment.ProcessorCount}", "rsa2048"], null, cancellationToken);
        var line = output.Split('\n').Last(l => l.StartsWith("rsa 2048", StringComparison.Ordinal) || l.StartsWith("rsa  2048", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[5], CultureInfo.InvariantCulture) / 2;
    }
}
