using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Signalbox.Bench;

/// <summary>
/// Far more actions than the memory budget holds processes, invoked one after the other: each finds no process, and
/// takes the room of the one that is longest unused. All must be answered.
/// </summary>
internal sealed class ManyActions : IBenchmark
{
    private const int Actions = 1_000;
    private const int Callers = 4;

    public string Name => "many-actions";

    public string Description => "answers of 1,000 actions invoked round-robin within the memory budget / invocations";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Actions; i++)
        {
            await server.CreateFunctionAsync($"bench-many-{i}", "function.cjs", cancellationToken);
        }

        var next = -1;
        var answered = 0;
        var times = new double[Actions];
        var peakMb = 0.0;
        var started = Stopwatch.GetTimestamp();
        async Task CallAsync()
        {
            for (int at; (at = Interlocked.Increment(ref next)) < Actions;)
            {
                var began = Stopwatch.GetTimestamp();
                var answer = await server.RuntimeAsync(
                    HttpMethod.Post, $"/actions/bench-many-{at}?blocking=true&result=true", new JsonObject { ["name"] = $"caller {at}" }, cancellationToken);
                times[at] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                if (answer?["greeting"]?.GetValue<string>() == $"hello caller {at}")
                {
                    Interlocked.Increment(ref answered);
                }

                if (at % 100 == 99)
                {
                    peakMb = Math.Max(peakMb, server.Sandboxes().Sum(sandbox => sandbox.ProportionalMb));
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync()));
        var evicted = await server.CounterAsync("signalbox_sandbox_evicted", string.Empty, cancellationToken);
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  {Actions / Stopwatch.GetElapsedTime(started).TotalSeconds:N1} invocations/s, median {Rounds.Median(times):N0} ms, {evicted:N0} processes evicted, at most {peakMb:N0} MB (PSS) in all sandboxes"));
        return new BenchResult(Name, answered, Actions, "answers", Goal: 1, MoreIsBetter: true);
    }
}
