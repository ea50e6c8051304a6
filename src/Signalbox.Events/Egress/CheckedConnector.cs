using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Signalbox.Events.Egress;

/// <summary>
/// Connects to an address that was checked: it resolves once, refuses if any address is not allowed, and connects to
/// what it checked, so that a name cannot change its meaning in between.
/// </summary>
internal sealed class CheckedConnector(WebhookTargetPolicy policy, IHostResolver resolver)
{
    /// <summary>For webhooks of customers.</summary>
    public ValueTask<Stream> ConnectToWebhookAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(context.DnsEndPoint, address => policy.FindObjection(context.DnsEndPoint.Host, address), cancellationToken);

    /// <summary>For this server's own handlers: nothing but this machine.</summary>
    public ValueTask<Stream> ConnectToOwnHandlerAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(
            context.DnsEndPoint,
            address => IsOwn(address) ? null : $"The handler's host '{context.DnsEndPoint.Host}' is at {address}, which is not this server.",
            cancellationToken);

    private async ValueTask<Stream> ConnectAsync(
        DnsEndPoint target, Func<IPAddress, string?> findObjection, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host.Trim('[', ']'), out var literal)
            ? [literal]
            : await resolver.ResolveAsync(target.Host, cancellationToken);
        foreach (var address in addresses)
        {
            if (findObjection(address) is { } objection)
            {
                throw new TargetRefusedException(objection);
            }
        }

        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool IsOwn(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || NetworkInterface.GetAllNetworkInterfaces().Any(
            card => card.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));
}
