namespace Signalbox.Bench;

/// <summary>Warm blocking invocations through the whole API, against a bare Node.js HTTP server that runs the same function.</summary>
internal sealed class WarmInvoke : IBenchmark
{
    private const int Connections = 16;

    public string Name => "warm-invoke";

    public string Description => "warm blocking invoke, 16 connections / bare Node.js HTTP server, same function";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await using var pair = await WarmPair.StartAsync(server, "bench-warm", cancellationToken);
        return await Rounds.CompareAsync(
            Name,
            "requests/s",
            goal: 1,
            async duration => (await pair.InvokeAsync(Connections, duration, cancellationToken)).RequestsPerSecond,
            async duration => (await pair.AskReferenceAsync(Connections, duration, cancellationToken)).RequestsPerSecond);
    }
}
