using System.Globalization;

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
        // The server's compiler works in the background until the hot methods are as quick as they get.
        await pair.InvokeAsync(Connections, TimeSpan.FromSeconds(10), cancellationToken);
        await pair.AskReferenceAsync(Connections, TimeSpan.FromSeconds(2), cancellationToken);
        var (before, invocations) = (server.UsedSeconds(), 0.0);
        var result = await Rounds.CompareInPairsAsync(
            Name,
            "requests/s",
            goal: 1,
            async duration =>
            {
                var load = await pair.InvokeAsync(Connections, duration, cancellationToken);
                invocations += load.Requests;
                return load.RequestsPerSecond;
            },
            async duration => (await pair.AskReferenceAsync(Connections, duration, cancellationToken)).RequestsPerSecond);
        var after = server.UsedSeconds();
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  processor time each: server {(after.Server.User - before.Server.User) * 1e6 / invocations:N1} us user + {(after.Server.System - before.Server.System) * 1e6 / invocations:N1} us system, sandboxes {(after.Sandboxes - before.Sandboxes) * 1e6 / invocations:N1} us"));
        return result;
    }
}
