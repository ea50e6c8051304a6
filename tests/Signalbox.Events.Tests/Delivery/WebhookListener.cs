using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Signalbox.Events.Tests.Delivery;

/// <summary>A real webhook on a free loopback port; the test says how it answers and reads what it got.</summary>
public sealed class WebhookListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<ReceivedRequest> _received = Channel.CreateUnbounded<ReceivedRequest>();

    private int _count;

    private WebhookListener(WebApplication app, Uri url) => (_app, Url) = (app, url);

    public Uri Url { get; private set; }

    /// <summary>Answers a request; 200 without a body at first.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public static async Task<WebhookListener> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var listener = new WebhookListener(app, new Uri("http://127.0.0.1"));
        app.Run(listener.ReceiveAsync);
        await app.StartAsync();
        listener.Url = new Uri(app.Urls.First() + "/hook");
        return listener;
    }

    /// <summary>Answers a request that the test wants to see; <see cref="Answer"/> when null.</summary>
    public Func<HttpContext, ReceivedRequest, Task>? AnswerTo { get; set; }

    /// <summary>Requests that arrived so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Makes every answer this status.</summary>
    public void AnswerWith(int status) => Answer = context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    /// <summary>The next request, in order of arrival.</summary>
    public async Task<ReceivedRequest> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _received.Reader.ReadAsync(patience.Token);
    }

    /// <summary>Requests that arrived and were not read.</summary>
    public int Unread => _received.Reader.Count;

    public async ValueTask DisposeAsync()
    {
        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Interlocked.Increment(ref _count);
        var received = new ReceivedRequest
        {
            Method = context.Request.Method,
            Target = context.Request.Path + context.Request.QueryString,
            Headers = context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()),
            Body = body.ToArray(),
        };
        await _received.Writer.WriteAsync(received);
        await (AnswerTo?.Invoke(context, received) ?? Answer(context));
    }
}

public sealed record ReceivedRequest
{
    public required string Method { get; init; }

    public required string Target { get; init; }

    /// <summary>Names in lower case.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required byte[] Body { get; init; }
}
