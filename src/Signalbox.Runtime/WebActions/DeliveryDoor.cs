using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Signalbox.Sockets;

namespace Signalbox.Runtime.WebActions;

/// <summary>
/// Takes this server's own deliveries to the web actions that handle them: the same request and the same answer as over the
/// network, without a connection. Nobody else can come this way, so nothing has to prove that they are deliveries.
/// </summary>
/// <remarks>
/// The door is open while the server takes requests: a handler's validator asks the server for its public keys, and would
/// refuse for good what it cannot check.
/// </remarks>
public sealed class DeliveryDoor
{
    private const string Prefix = "/api/v1/web/";

    private readonly WebActionEndpoint _web;
    private readonly IHostApplicationLifetime _server;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal DeliveryDoor(WebActionEndpoint web, IHostApplicationLifetime server)
    {
        (_web, _server) = (web, server);
        server.ApplicationStarted.Register(_opened.SetResult);
    }

    /// <summary>Answers a request to <c>/api/v1/web/…</c>, whatever host its URL names. Waits for the server to have started.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up; the action goes on.</exception>
    /// <exception cref="HttpRequestException">The server stops, so that a refusal would say nothing about the request.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await _opened.Task.WaitAsync(cancellationToken);
        ThrowIfStopping();
        var context = new DefaultHttpContext { RequestAborted = cancellationToken };
        await CopyAsync(request, context.Request, cancellationToken);
        var body = new MemoryStream();
        context.Response.Body = body;
        await _web.ServeAsync(context, context.Request.Path.Value![Prefix.Length..], isDelivery: true).WaitAsync(cancellationToken);

        // An action's answer comes on an event loop.
        await PoolThread.Switch();
        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            ThrowIfStopping();
        }

        return Read(context.Response, body);
    }

    private void ThrowIfStopping()
    {
        if (_server.ApplicationStopping.IsCancellationRequested)
        {
            throw new HttpRequestException("The server is stopping.");
        }
    }

    private static async Task CopyAsync(HttpRequestMessage from, HttpRequest to, CancellationToken cancellationToken)
    {
        to.Method = from.Method.Method;
        to.Path = PathString.FromUriComponent(from.RequestUri!);
        to.QueryString = QueryString.FromUriComponent(from.RequestUri!);
        to.Host = HostString.FromUriComponent(from.RequestUri!);
        foreach (var (name, values) in from.Headers.NonValidated)
        {
            to.Headers[name] = values.ToString();
        }

        if (from.Content is { } content)
        {
            to.ContentLength = content.Headers.ContentLength;
            to.ContentType = content.Headers.NonValidated.TryGetValues("content-type", out var type) ? type.ToString() : null;
            to.Body = await content.ReadAsStreamAsync(cancellationToken);
        }
    }

    private static HttpResponseMessage Read(HttpResponse from, MemoryStream body)
    {
        var response = new HttpResponseMessage((HttpStatusCode)from.StatusCode)
        {
            Content = new ReadOnlyMemoryContent(body.GetBuffer().AsMemory(0, (int)body.Length)),
        };
        foreach (var (name, values) in from.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                response.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return response;
    }
}
