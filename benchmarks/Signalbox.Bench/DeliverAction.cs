using System.Diagnostics;
using System.Globalization;

namespace Signalbox.Bench;

/// <summary>
/// Events published, signed twice, delivered to an action and answered, against half of what the cores can sign:
/// two signatures an event are the ceiling.
/// </summary>
internal sealed class DeliverAction : IBenchmark
{
    private const string EventCode = "bench.deliver";
    private const string Delivered = "signalbox_events_delivery_attempts";

    private static readonly TimeSpan _publishing = TimeSpan.FromSeconds(6);

    public string Name => "deliver-action";

    public string Description => "events delivered to an action / half the openssl speed rsa2048 signing rate, same cores";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await server.CreateFunctionAsync("bench-deliver", "event-function.cjs", cancellationToken);
        var provider = await server.CreateRegistrationAsync(EventCode, "bench-deliver", cancellationToken);
        var reference = await SigningRateAsync(cancellationToken) / 2;
        await DeliverAsync(server, provider, TimeSpan.FromSeconds(3), cancellationToken);
        var rates = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            rates.Add(await DeliverAsync(server, provider, _publishing, cancellationToken));
        }

        return new BenchResult(Name, Rounds.Median(rates), reference, "events/s", Goal: 0.7, MoreIsBetter: true);
    }

    /// <summary>Publishes for a while and waits until all is delivered: from the first publish to the last delivery.</summary>
    private static async Task<double> DeliverAsync(ServerProcess server, string provider, TimeSpan publishing, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>
        {
            ["Content-Type"] = "application/cloudevents+json",
            ["Authorization"] = server.BearerAuthorization,
            ["x-api-key"] = server.ClientId,
        };
        var before = await server.CounterAsync(Delivered, "delivered", cancellationToken);
        var publishedBefore = await server.CounterAsync("signalbox_events_published", string.Empty, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await Wrk.PostAsync(new Uri(server.Url, "/ingress"), Publish.CloudEvent(provider, EventCode), headers, 16, publishing, cancellationToken);
        var published = await server.CounterAsync("signalbox_events_published", string.Empty, cancellationToken) - publishedBefore;
        var deadline = TimeSpan.FromMinutes(3);
        while (true)
        {
            var delivered = await server.CounterAsync(Delivered, "delivered", cancellationToken) - before;
            if (delivered >= published)
            {
                return published / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            if (Stopwatch.GetElapsedTime(start) > deadline)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{delivered} of {published} events were delivered in {deadline}."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    private static async Task<double> SigningRateAsync(CancellationToken cancellationToken)
    {
        var output = await ChildProcess.RunAsync(
            "openssl", ["speed", "-seconds", "3", "-multi", $"{Environment.ProcessorCount}", "rsa2048"], null, cancellationToken);
        var line = output.Split('\n').Last(l => l.StartsWith("rsa 2048", StringComparison.Ordinal) || l.StartsWith("rsa  2048", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[5], CultureInfo.InvariantCulture);
    }
}
