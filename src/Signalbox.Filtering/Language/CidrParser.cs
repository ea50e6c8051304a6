using System.Globalization;
using System.Text;
using System.Text.Json;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Language;

/// <summary>Reads the argument of <c>cidr</c>: an address and a number of leading bits.</summary>
internal static class CidrParser
{
    public static bool TryParse(ref FilterReader reader, out ValueTest? test)
    {
        test = null;
        if (reader.ReadNext() != JsonTokenType.String) return reader.Fail("cidr match pattern must be a string");
        var parts = reader.GetString().Split('/');
        if (parts.Length != 2 || parts[1].Length == 0) return reader.Fail("Malformed CIDR, one '/' required");
        if (!int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bits))
        {
            return reader.Fail("Malformed CIDR, mask bits must be an integer");
        }
        if (bits < 0) return reader.Fail("Malformed CIDR, mask bits must not be negative");

        var text = Encoding.UTF8.GetBytes(parts[0]);
        if (!IpLiteral.HasShape(text)) return reader.Fail($"Nonstandard IP address: {parts[0]}");
        if (!IpLiteral.TryParse(text, out var address)) return reader.Fail($"Invalid IP address: {parts[0]}");
        if (bits >= address.Width)
        {
            return reader.Fail(address.IsIpv6 ? "IPv6 mask bits must be < 128" : "IPv4 mask bits must be < 32");
        }
        test = new ValueTest.Network(address.Network(bits), bits);
        return true;
    }
}
