using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Signalbox.EndToEnd.Tests;

/// <summary>A webhook on loopback: answers the challenge, keeps what it was sent, and answers deliveries as told.</summary>
internal sealed class WebhookListener : IAsyncDisposable
{
    private const string Path = "/hook";

    private readonly WebApplication _app;

    private WebhookListener(WebApplication app)
    {
        _app = app;
        app.Run(AnswerAsync);
    }

    /// <summary>The webhook URL; nothing stands at any other path.</summary>
    public Uri Url => new(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), Path);

    /// <summary>The deliveries so far, in order of arrival; probes are not among them.</summary>
    public ConcurrentQueue<ReceivedDelivery> Deliveries { get; } = new();

    /// <summary>False: it is answered with 200 and nothing.</summary>
    public bool AnswersChallenge { get; set; } = true;

    /// <summary>How deliveries are answered: the status, after whatever the test wants to happen first.</summary>
    public Func<ReceivedDelivery, CancellationToken, Task<HttpStatusCode>> Respond { get; set; } = (_, _) => Task.FromResult(HttpStatusCode.OK);

    public static async Task<WebhookListener> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var listener = new WebhookListener(builder.Build());
        await listener._app.StartAsync();
        return listener;
    }

    /// <summary>The first delivery that fits.</summary>
    public Task<ReceivedDelivery> FindAsync(string what, Func<ReceivedDelivery, bool> fits, TimeSpan? within = null) =>
        Eventually.FindAsync(what, () => Task.FromResult(Deliveries.FirstOrDefault(fits)), within);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != Path)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (context.Request.Query["challenge"] is [{ } challenge])
        {
            await context.Response.WriteAsync(AnswersChallenge ? challenge : "");
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var delivery = new ReceivedDelivery(
            context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal),
            body.ToArray());
        Deliveries.Enqueue(delivery);
        context.Response.StatusCode = (int)await Respond(delivery, context.RequestAborted);
    }
}
