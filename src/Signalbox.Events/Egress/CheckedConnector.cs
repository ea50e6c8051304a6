using System.Net;
using System.Net.Sockets;

namespace Signalbox.Events.Egress;

/// <summary>
/// Connects to an address that was checked: it resolves once, refuses if any address is not allowed, and connects to
/// what it checked, so that a name cannot change its meaning in between. Through an egress proxy it is the same: the
/// proxy is asked for the checked address, never for the name.
/// </summary>
internal sealed class CheckedConnector(TargetCheck check, EgressProxy proxy)
{
    /// <summary>For webhooks of customers.</summary>
    public async ValueTask<Stream> ConnectToWebhookAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var url = context.InitialRequestMessage.RequestUri!;
        var addresses = await check.ResolveAsync(url, LookupPurpose.Delivery, cancellationToken);
        return proxy.IsConfigured
            ? await proxy.ConnectAsync(addresses, url.Port, cancellationToken)
            : await ConnectAsync(addresses, url.Port, cancellationToken);
    }

    internal static async Task<NetworkStream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
