using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Signalbox.Sockets.Http;

/// <summary>A listening socket; each connection goes to the next loop.</summary>
internal sealed class LoopListener(Socket socket, MemoryPool<byte> memory) : IConnectionListener
{
    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var accepted = await socket.AcceptAsync(cancellationToken);
                accepted.NoDelay = true;
                var connection = new LoopConnection(accepted, memory);
                connection.Open();
                return connection;
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.NotSocket or SocketError.Interrupted)
            {
                return null;
            }
            catch (SocketException)
            {
                // The client went away before it was accepted.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        memory.Dispose();
        return ValueTask.CompletedTask;
    }
}
