using System.Net;
using System.Net.Sockets;

namespace Signalbox.Events.Egress;

/// <summary>The ranges that an operator allows besides the public addresses, from <c>Events:AllowTargets</c>.</summary>
public sealed class TargetRanges
{
    private readonly IReadOnlyList<IPNetwork> _networks;

    private TargetRanges(IReadOnlyList<IPNetwork> networks) => _networks = networks;

    public static TargetRanges None { get; } = new([]);

    /// <summary>Every address, for development.</summary>
    public static TargetRanges Everything { get; } = new([IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")]);

    public bool IsEmpty => _networks.Count == 0;

    /// <summary>Reads ranges such as <c>10.1.0.0/16</c>, <c>fd00::/8</c>, or single addresses.</summary>
    /// <exception cref="FormatException">One is no range; the message names it.</exception>
    public static TargetRanges Parse(IEnumerable<string> texts) => new([.. texts.Select(Parse)]);

    public bool Contains(IPAddress address) => _networks.Any(network => network.Contains(address));

    private static IPNetwork Parse(string text)
    {
        var given = text.Trim();
        if (!IsWrittenOut(given.Split('/')[0]))
        {
            throw new FormatException($"'{text}' is not written out. Give an address as four decimal numbers, such as 10.0.0.1, and a range as ADDRESS/LENGTH, such as 10.0.0.0/8.");
        }

        if (IPAddress.TryParse(given, out var single))
        {
            return new IPNetwork(single, single.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        }

        return IPNetwork.TryParse(given, out var network)
            ? network
            : throw new FormatException($"'{text}' is not a range of addresses. Write it as ADDRESS/LENGTH, such as 10.1.0.0/16 or fd00::/8.");
    }

    /// <summary><c>10</c> would be read as 0.0.0.10, and <c>010.0.0.1</c> as 8.0.0.1: hardly what anybody means.</summary>
    private static bool IsWrittenOut(string address) =>
        !IPAddress.TryParse(address, out var read) || read.AddressFamily != AddressFamily.InterNetwork || read.ToString() == address;
}
