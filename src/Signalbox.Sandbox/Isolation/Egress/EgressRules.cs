using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Signalbox.Sandbox.Isolation.Egress;

/// <summary>
/// What the enclosure's packet filter lets through. It stands where all processes' packets pass and none of them has
/// a say: a packet's destination decides, so it does not matter which name was resolved to it.
/// </summary>
internal sealed record EgressRules
{
    /// <summary>The enclosure's end of a process's link, before its number.</summary>
    public const string ProcessLink = "sb";

    public const string OutwardLink = "link";

    /// <summary>The loopback port of the API relay; null: not open yet.</summary>
    public required int? ApiPort { get; init; }

    /// <summary>Networks that are allowed although they are not public.</summary>
    public required IReadOnlyList<IPNetwork> Allowed { get; init; }

    /// <summary>The host's own addresses: refused whatever is allowed.</summary>
    public required IReadOnlyList<IPNetwork> Own { get; init; }

    /// <summary>Networks that are refused although they are public.</summary>
    public required IReadOnlyList<IPNetwork> Refused { get; init; }

    /// <summary>In the language of <c>nft</c>; replaces what was there in one step.</summary>
    public string ToScript()
    {
        var api = ApiPort is { } port
            ? string.Create(CultureInfo.InvariantCulture, $"ip daddr {EgressAddresses.Api} tcp dport {port} accept")
            : "";
        return $$"""
            table inet egress
            delete table inet egress
            table inet egress {
            {{Set("own4", "ipv4_addr", Of(Own, AddressFamily.InterNetwork))}}
            {{Set("own6", "ipv6_addr", Of(Own, AddressFamily.InterNetworkV6))}}
            {{Set("allowed4", "ipv4_addr", Of(Allowed, AddressFamily.InterNetwork))}}
            {{Set("allowed6", "ipv6_addr", Of(Allowed, AddressFamily.InterNetworkV6))}}
            {{Set("refused4", "ipv4_addr", RefusedNetworks.V4.Concat(Of(Refused, AddressFamily.InterNetwork)))}}
            {{Set("refused6", "ipv6_addr", RefusedNetworks.V6.Concat(Of(Refused, AddressFamily.InterNetworkV6)))}}
              chain refuse {
                meta l4proto tcp reject with tcp reset
                reject with icmpx admin-prohibited
              }
              chain forward {
                type filter hook forward priority filter; policy drop;
                ct state established,related accept
                iifname != "{{ProcessLink}}*" drop
                oifname != "{{OutwardLink}}" goto refuse
                meta l4proto != { tcp, udp } goto refuse
                {{api}}
                ip daddr {{EgressAddresses.Resolver}} meta l4proto { tcp, udp } th dport 53 accept
                ip daddr @own4 goto refuse
                ip6 daddr @own6 goto refuse
                ip daddr @allowed4 accept
                ip6 daddr @allowed6 accept
                ip daddr @refused4 goto refuse
                ip6 daddr @refused6 goto refuse
                accept
              }
              chain input {
                type filter hook input priority filter; policy drop;
                ct state established,related accept
                iifname "lo" accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
                iifname "{{OutwardLink}}" icmpv6 type nd-router-advert accept
                iifname "{{ProcessLink}}*" goto refuse
              }
              chain outward {
                type nat hook postrouting priority srcnat;
                oifname "{{OutwardLink}}" masquerade
              }
            }

            """;
    }

    private static IEnumerable<string> Of(IEnumerable<IPNetwork> networks, AddressFamily family) =>
        networks.Where(network => network.BaseAddress.AddressFamily == family).Select(network => network.ToString());

    private static string Set(string name, string type, IEnumerable<string> elements)
    {
        var list = string.Join(", ", elements);
        var content = list.Length == 0 ? "" : $"elements = {{ {list} }}";
        return $$"""
              set {{name}} {
                type {{type}}; flags interval; auto-merge
                {{content}}
              }
            """;
    }
}
