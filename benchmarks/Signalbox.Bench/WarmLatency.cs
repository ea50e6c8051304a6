namespace Signalbox.Bench;

/// <summary>
/// One caller, one invocation after the other: the median through the whole API, against the bare Node.js server's
/// median plus half a millisecond.
/// </summary>
internal sealed class WarmLatency : IBenchmark
{
    private const double AllowanceMs = 0.5;

    public string Name => "warm-latency";

    public string Description => "median of a warm blocking invoke, 1 connection / that of the bare Node.js server + 0.5 ms";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await using var pair = await WarmPair.StartAsync(server, "bench-latency", cancellationToken);
        await pair.InvokeAsync(connections: 16, TimeSpan.FromSeconds(5), cancellationToken);
        await pair.InvokeAsync(connections: 1, TimeSpan.FromSeconds(2), cancellationToken);
        await pair.AskReferenceAsync(connections: 1, TimeSpan.FromSeconds(2), cancellationToken);
        var values = new List<double>();
        var references = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            values.Add((await pair.InvokeAsync(connections: 1, TimeSpan.FromSeconds(3), cancellationToken)).MedianMs);
            references.Add((await pair.AskReferenceAsync(connections: 1, TimeSpan.FromSeconds(3), cancellationToken)).MedianMs + AllowanceMs);
        }

        return new BenchResult(Name, Rounds.Median(values), Rounds.Median(references), "ms", Goal: 1, MoreIsBetter: false);
    }
}
