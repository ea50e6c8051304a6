using System.Net;
using System.Net.Sockets;

namespace Signalbox.Sandbox.Isolation.Egress;

/// <summary>
/// What is not the public internet, by the special-purpose registries of IANA (RFC 6890 and its updates), and what
/// clouds answer their machines' questions on.
/// </summary>
internal static class RefusedNetworks
{
    public static readonly IReadOnlyList<string> V4 =
    [
        "0.0.0.0/8", // this network
        "10.0.0.0/8", // private
        "100.64.0.0/10", // behind a carrier's translation
        "127.0.0.0/8", // loopback
        "168.63.129.16", // public by number, but a cloud's wire server
        "169.254.0.0/16", // link-local, and the metadata of most clouds
        "172.16.0.0/12", // private
        "192.0.0.0/24", // protocol assignments, and the metadata of a cloud
        "192.0.2.0/24", // documentation
        "192.88.99.0/24", // relays from IPv6
        "192.168.0.0/16", // private
        "198.18.0.0/15", // benchmarks; the enclosure's own
        "198.51.100.0/24", // documentation
        "203.0.113.0/24", // documentation
        "224.0.0.0/4", // multicast
        "240.0.0.0/4", // reserved, and broadcast
    ];

    public static readonly IReadOnlyList<string> V6 =
    [
        "::/3", // loopback, unspecified, IPv4 in other clothes (mapped, translated)
        "2001::/23", // protocol assignments, and tunnels that carry IPv4
        "2001:db8::/32", // documentation
        "2002::/16", // tunnels that carry IPv4
        "3fff::/20", // documentation
        "4000::/2", // not assigned
        "8000::/2", // not assigned
        "c000::/2", // private, link-local, multicast, and not assigned
    ];

    /// <summary>The addresses of this machine's own interfaces, public ones too.</summary>
    public static IReadOnlyList<IPNetwork> OwnAddresses() =>
    [
        .. System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => address.AddressFamily is AddressFamily.InterNetwork || address is { IsIPv6LinkLocal: false, AddressFamily: AddressFamily.InterNetworkV6 })
            .Select(address => address.GetAddressBytes())
            .Select(bytes => new IPNetwork(new IPAddress(bytes), bytes.Length * 8))
            .Distinct(),
    ];
}
