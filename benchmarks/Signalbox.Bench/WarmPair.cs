namespace Signalbox.Bench;

/// <summary>The same function twice: as an action, and in a bare Node.js HTTP server.</summary>
internal sealed class WarmPair : IAsyncDisposable
{
    private const string Body = """{"name":"signal box"}""";

    private readonly Uri _invoke;
    private readonly Uri _reference;
    private readonly Dictionary<string, string> _headers;
    private readonly ChildProcess _bare;

    private WarmPair(Uri invoke, Uri reference, Dictionary<string, string> headers, ChildProcess bare) =>
        (_invoke, _reference, _headers, _bare) = (invoke, reference, headers, bare);

    public static async Task<WarmPair> StartAsync(ServerProcess server, string name, CancellationToken cancellationToken)
    {
        await server.CreateFunctionAsync(name, "function.cjs", cancellationToken);
        var port = ServerProcess.FreePort();
        var bare = await ChildProcess.StartAsync("node", [Assets.Path("bare-server.cjs"), $"{port}"], "listening", cancellationToken);
        return new WarmPair(
            new Uri(server.Url, $"/api/v1/namespaces/_/actions/{name}?blocking=true&result=true"),
            new Uri($"http://localhost:{port}/"),
            new Dictionary<string, string> { ["Content-Type"] = "application/json", ["Authorization"] = server.RuntimeAuthorization },
            bare);
    }

    public Task<Load> InvokeAsync(int connections, TimeSpan duration, CancellationToken cancellationToken) =>
        Wrk.MeasureAsync(_invoke, Body, _headers, connections, duration, cancellationToken);

    public Task<Load> AskReferenceAsync(int connections, TimeSpan duration, CancellationToken cancellationToken) =>
        Wrk.MeasureAsync(_reference, Body, _headers, connections, duration, cancellationToken);

    public ValueTask DisposeAsync() => _bare.DisposeAsync();
}
