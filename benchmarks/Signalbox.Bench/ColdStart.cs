using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Signalbox.Bench;

/// <summary>The first invocation after an action was created, against starting a bare <c>node</c>.</summary>
internal sealed class ColdStart : IBenchmark
{
    private const int Count = 15;

    public string Name => "cold-start";

    public string Description => "first invoke after create / starting a bare node";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var values = new List<double>();
        var references = new List<double>();
        for (var i = 0; i <= Count; i++)
        {
            await server.CreateFunctionAsync($"bench-cold-{i}", "function.cjs", cancellationToken);
            var invoked = Stopwatch.GetTimestamp();
            await server.RuntimeAsync(
                HttpMethod.Post, $"/actions/bench-cold-{i}?blocking=true", new JsonObject { ["name"] = "cold" }, cancellationToken);
            var value = Stopwatch.GetElapsedTime(invoked).TotalMilliseconds;

            var started = Stopwatch.GetTimestamp();
            await ChildProcess.RunAsync("node", ["-e", "0"], null, cancellationToken);
            var reference = Stopwatch.GetElapsedTime(started).TotalMilliseconds;

            // The first round warms both sides up. The pause of one node start also lets the pool start its next process.
            if (i > 0)
            {
                values.Add(value);
                references.Add(reference);
            }
        }

        return new BenchResult(Name, Rounds.Median(values), Rounds.Median(references), "ms", Goal: 0.2, MoreIsBetter: false);
    }
}
