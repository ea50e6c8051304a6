using System.Buffers;
using System.Net.WebSockets;

namespace Signalbox.Developer.Inspect;

/// <summary>Carries messages between an editor's debugger and a process on the server until one of them leaves.</summary>
internal static class InspectorBridge
{
    private const int BufferBytes = 64 * 1024;
    private const int MessageBytesMax = 64 * 1024 * 1024;

    /// <summary>True when it was the process that left: the action was redeployed, or its process ended.</summary>
    public static async Task<bool> JoinAsync(WebSocket editor, WebSocket process, ScriptNames names, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var toProcess = CarryAsync(editor, process, names.ToProcess, end.Token);
        var toEditor = CarryAsync(process, editor, names.ToEditor, end.Token);
        var processLeft = await Task.WhenAny(toProcess, toEditor) == toEditor && !cancellationToken.IsCancellationRequested;
        await CloseAsync(processLeft ? editor : process, end.Token);
        await end.CancelAsync();
        await Task.WhenAll(toProcess, toEditor);
        return processLeft;
    }

    private static async Task CarryAsync(WebSocket from, WebSocket to, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> rewrite, CancellationToken cancellationToken)
    {
        try
        {
            var message = new ArrayBufferWriter<byte>(BufferBytes);
            while (true)
            {
                var received = await from.ReceiveAsync(message.GetMemory(BufferBytes), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close || message.WrittenCount + received.Count > MessageBytesMax)
                {
                    return;
                }

                message.Advance(received.Count);
                if (received.EndOfMessage)
                {
                    await to.SendAsync(rewrite(message.WrittenMemory), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
                    message.ResetWrittenCount();
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // The end of a connection like any other.
        }
    }

    private static async Task CloseAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // It has gone as well.
        }
    }
}
