using System.Buffers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Edge;
using Signalbox.Sandbox;
using Signalbox.Sandbox.Inspection;

namespace Signalbox.Runtime.Inspections;

/// <summary>
/// <c>GET /namespaces/{ns}/inspect?action=NAME</c>, Signalbox's own: a WebSocket to the debugger of the action's process,
/// one message of the inspector's protocol in each direction a text message. The response's
/// <see cref="CodeFolderHeader"/> says where the process sees the action's code. It is open to the namespace's own key,
/// on servers that allow it.
/// </summary>
internal sealed class InspectEndpoint(ActionResolver resolver, RuntimeOptions options)
{
    public const string CodeFolderHeader = "x-signalbox-code-folder";

    private const int BufferBytes = 64 * 1024;
    private const int MessageBytesMax = 16 * 1024 * 1024;

    public async Task<Reply> InspectAsync(RuntimeCall call, string ns)
    {
        if ((await resolver.ResolveOwnAsync(call, ns)).IsRefused(out var refusal, out var action))
        {
            return refusal;
        }

        if (action.Action.Exec is { IsSequence: true } or { IsSystem: true })
        {
            return Refusal.BadRequest($"A debugger can be attached to code; '{action.Requested.Path}' is of kind '{action.Action.Exec.Kind}'. Attach it to one of its components.");
        }

        var pool = call.Context.RequestServices.GetRequiredService<SandboxPool>();
        if (pool.RefusesDebuggers is { } forbidden)
        {
            return new Refusal(StatusCodes.Status403Forbidden, forbidden);
        }

        if (!call.Context.WebSockets.IsWebSocketRequest)
        {
            return new Refusal(StatusCodes.Status426UpgradeRequired, "A debugger is attached over a WebSocket. 'signalbox dev FOLDER --inspect' does it.");
        }

        var start = await pool.InspectAsync(action.SandboxedFor(call.Caller, options.ApiHost).Action, call.Aborted);
        return start.Inspector is { } inspector
            ? new Reply { Status = StatusCodes.Status101SwitchingProtocols, Stream = context => JoinAsync(context, inspector) }
            : new Refusal(StatusOf(start.Status), start.Reason!);
    }

    private static int StatusOf(InspectionStatus status) => status switch
    {
        InspectionStatus.Occupied => StatusCodes.Status409Conflict,
        InspectionStatus.NotBuilt => StatusCodes.Status501NotImplemented,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    private static async Task JoinAsync(HttpContext context, Inspector inspector)
    {
        using var _ = inspector;
        context.Response.Headers[CodeFolderHeader] = inspector.CodeFolder;
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            var first = await Task.WhenAny(ToProcessAsync(socket, inspector, end.Token), ToDebuggerAsync(inspector, socket, end.Token));
            await first;
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, end.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // One of the two has gone; the other is told by the closing of its end.
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    private static async Task ToDebuggerAsync(Inspector inspector, WebSocket socket, CancellationToken cancellationToken)
    {
        while (await inspector.ReceiveAsync(cancellationToken) is { } message)
        {
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
    }

    private static async Task ToProcessAsync(WebSocket socket, Inspector inspector, CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>(BufferBytes);
        while (true)
        {
            var received = await socket.ReceiveAsync(message.GetMemory(BufferBytes), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close || message.WrittenCount + received.Count > MessageBytesMax)
            {
                return;
            }

            message.Advance(received.Count);
            if (received.EndOfMessage)
            {
                await inspector.SendAsync(message.WrittenMemory, cancellationToken);
                message.ResetWrittenCount();
            }
        }
    }
}
