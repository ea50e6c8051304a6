using System.Net;
using System.Net.NetworkInformation;

namespace Signalbox.Events.Egress;

/// <summary>Which addresses are this machine's.</summary>
internal static class OwnAddresses
{
    public static bool Contains(IPAddress address)
    {
        var plain = TargetAddress.Unwrap(address);
        return IPAddress.IsLoopback(plain)
            || plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any)
            || NetworkInterface.GetAllNetworkInterfaces().Any(
                card => card.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(plain)));
    }
}
