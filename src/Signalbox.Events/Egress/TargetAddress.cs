using System.Net;
using System.Net.Sockets;

namespace Signalbox.Events.Egress;

/// <summary>Tells public addresses from those that only this server or its network can reach. Pure.</summary>
internal static class TargetAddress
{
    private static readonly (IPNetwork Network, string Kind)[] _refused =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "unspecified"),
        (IPNetwork.Parse("10.0.0.0/8"), "private"),
        (IPNetwork.Parse("100.64.0.0/10"), "carrier-grade NAT"),
        (IPNetwork.Parse("127.0.0.0/8"), "loopback"),
        (IPNetwork.Parse("169.254.0.0/16"), "link-local or metadata"),
        (IPNetwork.Parse("172.16.0.0/12"), "private"),
        (IPNetwork.Parse("192.0.0.0/24"), "reserved"),
        (IPNetwork.Parse("192.0.2.0/24"), "documentation"),
        (IPNetwork.Parse("192.31.196.0/24"), "reserved"),
        (IPNetwork.Parse("192.52.193.0/24"), "reserved"),
        (IPNetwork.Parse("192.88.99.0/24"), "reserved"),
        (IPNetwork.Parse("192.168.0.0/16"), "private"),
        (IPNetwork.Parse("192.175.48.0/24"), "reserved"),
        (IPNetwork.Parse("198.18.0.0/15"), "benchmarking"),
        (IPNetwork.Parse("198.51.100.0/24"), "documentation"),
        (IPNetwork.Parse("203.0.113.0/24"), "documentation"),
        (IPNetwork.Parse("224.0.0.0/4"), "multicast"),
        (IPNetwork.Parse("240.0.0.0/4"), "reserved"),
        (IPNetwork.Parse("168.63.129.16/32"), "metadata"),
        (IPNetwork.Parse("100::/64"), "discard"),
        (IPNetwork.Parse("2001::/23"), "reserved"),
        (IPNetwork.Parse("2001:db8::/32"), "documentation"),
        (IPNetwork.Parse("3fff::/20"), "documentation"),
    ];

    private static readonly IPNetwork _globalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork _sixToFour = IPNetwork.Parse("2002::/16");

    private static readonly IPNetwork _nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>The IPv4 address inside a mapped, NAT64 or 6to4 form, which the network may unwrap; else the address itself.</summary>
    public static IPAddress Unwrap(IPAddress address) => Embedded(address) is { } inner ? Unwrap(inner) : address;

    /// <summary>What kind of address it is when it may not be called; null when it is public.</summary>
    public static string? FindObjection(IPAddress address)
    {
        if (Embedded(address) is { } inner)
        {
            return FindObjection(inner);
        }

        foreach (var (network, kind) in _refused)
        {
            if (network.Contains(address))
            {
                return kind;
            }
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return null;
        }

        return IPAddress.IPv6Loopback.Equals(address) ? "loopback"
            : address.IsIPv6LinkLocal ? "link-local"
            : address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal ? "private"
            : address.IsIPv6Multicast ? "multicast"
            : _globalUnicast.Contains(address) ? null
            : "reserved";
    }

    private static IPAddress? Embedded(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.IsIPv4MappedToIPv6 || _nat64.Contains(address) ? new IPAddress(bytes[12..])
            : _sixToFour.Contains(address) ? new IPAddress(bytes[2..6])
            : null;
    }
}
