using System.Diagnostics;
using System.Globalization;

namespace Signalbox.Bench;

/// <summary>Publishes at full speed and waits until all is delivered: from the first publish to the last delivery.</summary>
internal static class Deliveries
{
    private const string Delivered = "signalbox_events_delivery_delivered";
    private const string Published = "signalbox_events_published";

    /// <summary>Code is compiled well only when much used, and the compiler takes its time from the same cores.</summary>
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan _publishing = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    /// <summary>The median of three rounds, in events a second.</summary>
    /// <param name="server">The server.</param>
    /// <param name="provider">Whose events are published.</param>
    /// <param name="eventCode">Their type.</param>
    /// <param name="connections">Of publishers: so many that they are faster than the deliveries.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<double> MeasureAsync(
        ServerProcess server, string provider, string eventCode, int connections, CancellationToken cancellationToken)
    {
        await RoundAsync(server, provider, eventCode, connections, _warmUp, cancellationToken);
        var rates = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            rates.Add(await RoundAsync(server, provider, eventCode, connections, _publishing, cancellationToken));
        }

        return Rounds.Median(rates);
    }

    /// <summary>One round of publishing for a while.</summary>
    public static async Task<double> RoundAsync(
        ServerProcess server, string provider, string eventCode, int connections, TimeSpan publishing, CancellationToken cancellationToken)
    {
        var before = await server.CounterAsync(Delivered, string.Empty, cancellationToken);
        var publishedBefore = await server.CounterAsync(Published, string.Empty, cancellationToken);
        var used = ServerSeconds();
        var start = Stopwatch.GetTimestamp();
        await Wrk.PostAsync(new Uri(server.Url, "/ingress"), Publish.CloudEvent(provider, eventCode), server.PublishHeaders, connections, publishing, cancellationToken);
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

    /// <summary>Half of what the cores can sign: two signatures an event are the ceiling.</summary>
    public static async Task<double> SigningLimitAsync(CancellationToken cancellationToken)
    {
        var output = await ChildProcess.RunAsync(
            "openssl", ["speed", "-seconds", "3", "-multi", $"{Environment.ProcessorCount}", "rsa2048"], null, cancellationToken);
        var line = output.Split('\n').Last(l => l.StartsWith("rsa 2048", StringComparison.Ordinal) || l.StartsWith("rsa  2048", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[5], CultureInfo.InvariantCulture) / 2;
    }
}
