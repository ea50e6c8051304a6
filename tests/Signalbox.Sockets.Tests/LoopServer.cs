using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Signalbox.Sockets.Http;

namespace Signalbox.Sockets.Tests;

/// <summary>A real web server on event loops, with a handler for each path.</summary>
internal sealed class LoopServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopServer(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public HttpClient Http { get; } = new();

    /// <summary>What the web server logged as errors, which nothing that a client does may be.</summary>
    public required LoggedErrors Errors { get; init; }

    /// <summary>Requests for <c>/pool/…</c> are served in the thread pool, all others on their connection's loop.</summary>
    public static async Task<LoopServer> StartAsync(RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var errors = new LoggedErrors();
        builder.Logging.ClearProviders().AddProvider(errors);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        LoopTransport.AddTo(builder.Services);
        var app = builder.Build();
        app.UsePoolThread(unless: context => !context.Request.Path.StartsWithSegments("/pool"));
        app.Run(handler);
        await app.StartAsync();
        return new LoopServer(app) { Errors = errors };
    }

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Url.Port);
        return socket;
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
