using System.Text.Json.Nodes;

namespace Signalbox.Bench;

/// <summary>From the publish of an event to the start of the action's code, at a tenth of full load.</summary>
internal sealed class PublishToAction : IBenchmark
{
    private const string EventCode = "bench.start";
    private const string Action = "bench-start";
    private const int PageSize = 50;
    private const double MedianMsMax = 10;
    private const double P99MsMax = 50;

    private static readonly TimeSpan _measured = TimeSpan.FromSeconds(10);

    public string Name => "publish-to-action";

    public string Description => "p99 from publish to the start of the action's code at a tenth of full load / 50 ms (or median / 10 ms, if that is worse)";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await server.CreateFunctionAsync(Action, "start-function.cjs", cancellationToken);
        var provider = await server.CreateRegistrationAsync(EventCode, Action, cancellationToken);
        await Deliveries.RoundAsync(server, provider, EventCode, connections: 16, TimeSpan.FromSeconds(3), cancellationToken);
        var full = await Deliveries.RoundAsync(server, provider, EventCode, connections: 16, TimeSpan.FromSeconds(4), cancellationToken);
        await TimedPublisher.PublishAsync(server, provider, EventCode, full / 10, _measured, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        var ages = await ReadAgesAsync(server, (int)(full / 10 * _measured.TotalSeconds), cancellationToken);
        var (median, p99) = (TimedPublisher.Percentile(ages, 0.5), TimedPublisher.Percentile(ages, 0.99));
        await Console.Error.WriteLineAsync($"  {full:N0} events/s at full load; at a tenth: median {median:N1} ms, p99 {p99:N1} ms of {ages.Count} activations");
        return median / MedianMsMax > p99 / P99MsMax
            ? new BenchResult(Name, median, MedianMsMax, "ms", Goal: 1, MoreIsBetter: false)
            : new BenchResult(Name, p99, P99MsMax, "ms", Goal: 1, MoreIsBetter: false);
    }

    private static async Task<List<double>> ReadAgesAsync(ServerProcess server, int count, CancellationToken cancellationToken)
    {
        var ages = new List<double>();
        for (var skip = 0; skip < count; skip += PageSize)
        {
            var page = await server.RuntimeAsync(HttpMethod.Get, $"/activations?name={Action}&docs=true&limit={PageSize}&skip={skip}", null, cancellationToken);
            foreach (var activation in page!.AsArray())
            {
                if (activation!["response"]?["result"]?["body"]?["age"] is JsonValue age && age.TryGetValue<double>(out var ms))
                {
                    ages.Add(ms);
                }
            }
        }

        return ages;
    }
}
