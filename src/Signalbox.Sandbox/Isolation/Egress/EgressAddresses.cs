using System.Globalization;
using System.Net;

namespace Signalbox.Sandbox.Isolation.Egress;

/// <summary>
/// The addresses of the actions' network: of the range for benchmarks (RFC 2544) and of one private IPv6 network, which
/// actions could not reach otherwise, so that nothing that they may reach is hidden.
/// </summary>
internal static class EgressAddresses
{
    /// <summary>The way out as processes see it.</summary>
    public const string Router = "198.18.0.1";

    public const string Router6 = "fe80::1";

    /// <summary>The enclosure's own address on the user-mode link, and the link's other end.</summary>
    public const string Link = "198.19.0.2";

    public const string Link6 = "fd53:6967:6e61:1::2";

    public const string LinkGateway6 = "fd53:6967:6e61:1::1";

    /// <summary>This server's loopback as the link shows it; the filter lets through the port of the API relay alone.</summary>
    public const string Api = "198.19.0.1";

    /// <summary>Questions to this address go to the host's resolver.</summary>
    public const string Resolver = "198.19.0.53";

    private const int ProcessCount = 65_000;

    public static string OfProcess(int number)
    {
        var host = 2 + (number % ProcessCount);
        return string.Create(CultureInfo.InvariantCulture, $"198.18.{host >> 8}.{host & 0xFF}");
    }

    public static string OfProcess6(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"fd53:6967:6e61::{2 + (number % ProcessCount):x}");

    /// <exception cref="IsolationException">One is no network, such as <c>10.1.0.0/16</c>, nor an address.</exception>
    public static IReadOnlyList<IPNetwork> Parse(IEnumerable<string> networks, string setting) =>
    [
        .. networks.Select(text =>
            IPNetwork.TryParse(text, out var network) ? network
            : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new IsolationException($"{setting}: '{text}' is no network, such as 10.1.0.0/16 or 2001:db8::/32, nor an address")),
    ];
}
