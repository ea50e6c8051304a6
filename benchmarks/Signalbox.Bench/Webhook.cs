using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;

namespace Signalbox.Bench;

/// <summary>
/// An endpoint that takes deliveries, in a process of its own: this program again. <see cref="Hook"/> answers at once,
/// <c>/timed</c> also notes how old the event's <c>data.sentAt</c> is, <c>/dead</c> never answers a delivery.
/// </summary>
internal sealed class Webhook : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _http = new();

    private Webhook(ChildProcess process, Uri url, Uri hook) => (_process, Url, Hook) = (process, url, hook);

    public Uri Url { get; }

    /// <summary>Takes what comes (<see cref="Receiver"/>).</summary>
    public Uri Hook { get; }

    public static async Task<Webhook> StartAsync(CancellationToken cancellationToken)
    {
        var (port, hookPort) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        var process = await ChildProcess.StartAsync(
            Environment.ProcessPath!, [.. Publish.Self(), "serve-webhook", $"{port}", $"{hookPort}"], "listening", cancellationToken);
        return new Webhook(process, new Uri($"http://localhost:{port}"), new Uri($"http://127.0.0.1:{hookPort}/hook"));
    }

    /// <summary>The ages in ms that were noted since the last call.</summary>
    public async Task<double[]> TakeAgesAsync(CancellationToken cancellationToken) =>
        await _http.GetFromJsonAsync<double[]>(new Uri(Url, "/ages"), cancellationToken) ?? [];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    public static async Task ServeAsync(int port, int hookPort)
    {
        Receiver.Listen(hookPort);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://localhost:{port}");
        await using var app = builder.Build();
        var ages = new ConcurrentQueue<double>();
        app.MapGet("/ages", () =>
        {
            var taken = new List<double>();
            while (ages.TryDequeue(out var age))
            {
                taken.Add(age);
            }

            return Results.Json(taken);
        });
        app.MapGet("/{path}", (string challenge) => Results.Text(challenge));
        app.MapPost("/dead", context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        app.MapPost("/timed", async context =>
        {
            var now = DateTimeOffset.UtcNow;
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            var at = body.IndexOf("\"sentAt\":", StringComparison.Ordinal) + "\"sentAt\":".Length;
            var end = body.IndexOfAny([',', '}'], at);
            ages.Enqueue((now - DateTimeOffset.UnixEpoch).TotalMilliseconds - double.Parse(body.AsSpan(at, end - at), CultureInfo.InvariantCulture));
        });
        await app.StartAsync();
        Console.WriteLine("listening");
        await app.WaitForShutdownAsync();
    }
}
