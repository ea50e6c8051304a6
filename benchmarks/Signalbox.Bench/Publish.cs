using System.Text.Json;

namespace Signalbox.Bench;

/// <summary>Durable publishes, against a bare Kestrel endpoint that parses the same body and answers 200.</summary>
internal sealed class Publish : IBenchmark
{
    private const int Connections = 64;
    private const string EventCode = "bench.publish";

    public string Name => "publish";

    public string Description => "durable publishes, 64 connections / bare Kestrel endpoint that parses the same body";

    /// <summary>The reference server's process: this program again.</summary>
    public static async Task ServeReferenceAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://localhost:{port}");
        await using var app = builder.Build();
        app.MapPost("/ingress", async (HttpContext context) =>
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body);
            return document.RootElement.TryGetProperty("id", out _) ? Results.Text("OK") : Results.BadRequest();
        });
        await app.StartAsync();
        Console.WriteLine("listening");
        await app.WaitForShutdownAsync();
    }

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var provider = await server.CreateRegistrationAsync(EventCode, runtimeAction: null, cancellationToken);
        var port = ServerProcess.FreePort();
        await using var bare = await ChildProcess.StartAsync(
            Environment.ProcessPath!, [.. Self(), "serve-reference", $"{port}"], "listening", cancellationToken);
        var body = CloudEvent(provider, EventCode);
        var headers = server.PublishHeaders;
        return await Rounds.CompareAsync(
            Name,
            "events/s",
            goal: 0.3,
            duration => Wrk.PostAsync(new Uri(server.Url, "/ingress"), body, headers, Connections, duration, cancellationToken),
            duration => Wrk.PostAsync(new Uri($"http://localhost:{port}/ingress"), body, headers, Connections, duration, cancellationToken));
    }

    /// <summary>An event of about 400 bytes; <c>@SEQ@</c> becomes a number.</summary>
    public static string CloudEvent(string provider, string eventCode) =>
        $$$"""
        {"specversion":"1.0","id":"event-@SEQ@","source":"urn:uuid:{{{provider}}}","type":"{{{eventCode}}}","datacontenttype":"application/json","time":"2026-01-01T00:00:00Z","data":{"name":"order @SEQ@","order":@SEQ@,"customer":{"name":"A. Customer","country":"NL"},"lines":[{"item":"signal lamp","quantity":3,"price":19.90},{"item":"lever","quantity":1,"price":249.00}]}}
        """;

    /// <summary>A batch of such events, each with an id of its own.</summary>
    public static string Batch(string provider, string eventCode, int count) =>
        $"[{string.Join(",", Enumerable.Range(1, count).Select(n => CloudEvent(provider, eventCode).Replace("event-@SEQ@", $"event-@SEQ@-{n}", StringComparison.Ordinal)))}]";

    /// <summary>What stands before the arguments when this program is started again.</summary>
    public static string[] Self() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Publish).Assembly.Location] : [];
}
