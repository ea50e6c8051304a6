using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Signalbox.Sockets.Http;

/// <summary>Lets the web server's connections live on <see cref="EventLoop"/>s.</summary>
public sealed class LoopTransport(IMemoryPoolFactory<byte> memory) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const int Backlog = 512;

    /// <summary>
    /// Replaces the web server's own transport for addresses of this machine. For plain HTTP: a TLS handshake would hold
    /// up a loop for a millisecond.
    /// </summary>
    public static void AddTo(IServiceCollection services)
    {
        if (EventLoop.IsSupported)
        {
            services.AddSingleton<IConnectionListenerFactory, LoopTransport>();
            services.AddHostedService<LoopFaults>();
        }
    }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endpoint);
            socket.Listen(Backlog);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw exception.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException(exception.Message, exception) : exception;
        }

        return ValueTask.FromResult<IConnectionListener>(new LoopListener(socket, memory.Create()));
    }
}
