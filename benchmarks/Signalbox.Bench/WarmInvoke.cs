namespace Signalbox.Bench;

/// <summary>Warm blocking invocations through the whole API, against a bare Node.js HTTP server that runs the same function.</summary>
internal sealed class WarmInvoke : IBenchmark
{
    private const int Connections = 16;
    private const string Body = """{"name":"signal box"}""";

    public string Name => "warm-invoke";

    public string Description => "warm blocking invoke, 16 connections / bare Node.js HTTP server, same function";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await server.CreateFunctionAsync("bench-warm", "function.cjs", cancellationToken);
        var invoke = new Uri(server.Url, "/api/v1/namespaces/_/actions/bench-warm?blocking=true&result=true");
        var port = ServerProcess.FreePort();
        await using var bare = await ChildProcess.StartAsync("node", [Assets.Path("bare-server.cjs"), $"{port}"], "listening", cancellationToken);
        var reference = new Uri($"http://localhost:{port}/");
        var headers = new Dictionary<string, string> { ["Content-Type"] = "application/json", ["Authorization"] = server.RuntimeAuthorization };

        return await Rounds.CompareAsync(
            Name,
            "requests/s",
            goal: 0.7,
            duration => Wrk.PostAsync(invoke, Body, headers, Connections, duration, cancellationToken),
            duration => Wrk.PostAsync(reference, Body, headers, Connections, duration, cancellationToken));
    }
}
