using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.LiveLogs;

/// <summary>
/// <c>GET /namespaces/{ns}/logs/stream?action=NAME</c>, Signalbox's own: one JSON object a line, from now on, until
/// the reader goes or the server stops. The types are <c>line</c>, <c>end</c> (of an activation), <c>lost</c> (entries
/// that this reader was too slow for) and <c>alive</c> (at once, and when nothing else was sent for a while).
/// </summary>
internal sealed class LogStreamEndpoint(LiveLogHub hub, TimeProvider clock)
{
    private const string ContentType = "application/x-ndjson; charset=utf-8";

    private static readonly TimeSpan _alivePeriod = TimeSpan.FromSeconds(15);
    private static readonly byte[] _alive = "{\"type\":\"alive\"}\n"u8.ToArray();

    public Task<Reply> StreamAsync(RuntimeCall call, string ns)
    {
        if (call.Namespace(ns).IsRefused(out var refusal, out var place)
            || call.NamedAction(place.Namespace).IsRefused(out refusal, out var action))
        {
            return Task.FromResult<Reply>(refusal);
        }

        if (place.Namespace != call.Caller.Name)
        {
            return Task.FromResult<Reply>(Refusal.Forbidden(place.Namespace));
        }

        return Task.FromResult<Reply>(
            hub.Subscribe(place.Namespace, action).IsRefused(out refusal, out var subscription)
                ? refusal
                : new Reply { Status = StatusCodes.Status200OK, Stream = context => WriteAsync(context, subscription) });
    }

    private async Task WriteAsync(HttpContext context, LogSubscription subscription)
    {
        using var _ = subscription;
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await SendAsync(context.Response, subscription, end.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The reader has gone, or this server stops.
        }
    }

    private async Task SendAsync(HttpResponse response, LogSubscription subscription, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(_alive, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        var something = subscription.WaitAsync(cancellationToken);
        while (true)
        {
            if (await IsWithinAsync(something))
            {
                while (subscription.TryTake(out var entry))
                {
                    await WriteLineAsync(response, entry!.Write, cancellationToken);
                }

                if (subscription.TakeLost() is > 0 and var lost)
                {
                    await WriteLineAsync(response, writer => WriteLost(writer, lost), cancellationToken);
                }

                something = subscription.WaitAsync(cancellationToken);
            }
            else
            {
                await response.Body.WriteAsync(_alive, cancellationToken);
            }

            await response.Body.FlushAsync(cancellationToken);
        }
    }

    private async Task<bool> IsWithinAsync(Task something)
    {
        try
        {
            await something.WaitAsync(_alivePeriod, clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static async Task WriteLineAsync(HttpResponse response, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        byte[] line = [.. Json.Write(write), (byte)'\n'];
        await response.Body.WriteAsync(line, cancellationToken);
    }

    private static void WriteLost(Utf8JsonWriter writer, int lost)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "lost"u8);
        writer.WriteNumber("entries"u8, lost);
        writer.WriteEndObject();
    }
}
