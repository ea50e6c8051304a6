using System.Buffers.Binary;

namespace Signalbox.Filtering.Values;

/// <summary>
/// An IP address written as text: four decimal parts, or IPv6 groups without dots and without a zone. The two families
/// are never equal, not even as an IPv4-mapped IPv6 address (events behaviour, section 13.4).
/// </summary>
internal readonly record struct IpLiteral(bool IsIpv6, UInt128 Bits)
{
    /// <summary>Family, prefix length and address; what an address is looked up by.</summary>
    public const int KeyLength = 18;

    private const int LongestIpv4 = 15;
    private const int LongestIpv6 = 39;

    public int Width => IsIpv6 ? 128 : 32;

    /// <summary>The address with all but its first <paramref name="bits"/> bits set to zero.</summary>
    public IpLiteral Network(int bits) =>
        bits == 0 ? this with { Bits = 0 } : this with { Bits = Bits >> (Width - bits) << (Width - bits) };

    public void WriteKey(int bits, Span<byte> key)
    {
        key[0] = IsIpv6 ? (byte)6 : (byte)4;
        key[1] = (byte)bits;
        BinaryPrimitives.WriteUInt128BigEndian(key[2..], Network(bits).Bits);
    }

    public byte[] ToKey(int bits)
    {
        var key = new byte[KeyLength];
        WriteKey(bits, key);
        return key;
    }

    /// <summary>Looks like an address (digits and dots, or hexadecimal digits and colons), right or wrong.</summary>
    public static bool HasShape(ReadOnlySpan<byte> text) => HasIpv4Shape(text) || HasIpv6Shape(text);

    public static bool TryParse(ReadOnlySpan<byte> text, out IpLiteral address)
    {
        address = default;
        if (text.Length is < 2 or > LongestIpv6 || !(char.IsAsciiHexDigit((char)text[0]) || text[0] == ':')) return false;
        return text.Contains((byte)':') ? TryParseIpv6(text, out address) : TryParseIpv4(text, out address);
    }

    private static bool HasIpv4Shape(ReadOnlySpan<byte> text)
    {
        var parts = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            var part = text[range];
            if (part.IsEmpty || part.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
            parts++;
        }
        return parts == 4;
    }

    private static bool HasIpv6Shape(ReadOnlySpan<byte> text) =>
        text.Contains((byte)':') && !text.ContainsAnyExcept("0123456789abcdefABCDEF:"u8);

    private static bool TryParseIpv4(ReadOnlySpan<byte> text, out IpLiteral address)
    {
        address = default;
        if (text.Length > LongestIpv4) return false;
        uint bits = 0;
        uint part = 0;
        var digits = 0;
        var dots = 0;
        foreach (var c in text)
        {
            if (c == '.')
            {
                if (digits == 0 || ++dots > 3) return false;
                bits = (bits << 8) | part;
                part = 0;
                digits = 0;
                continue;
            }
            if (!char.IsAsciiDigit((char)c)) return false;
            part = part * 10 + (uint)(c - '0');
            if (part > 255) return false;
            digits++;
        }
        if (dots != 3 || digits == 0) return false;
        address = new IpLiteral(false, (bits << 8) | part);
        return true;
    }

    private static bool TryParseIpv6(ReadOnlySpan<byte> text, out IpLiteral address)
    {
        address = default;
        var gap = text.IndexOf("::"u8);
        if (gap < 0)
        {
            if (!TryParseGroups(text, out var all, out var count) || count != 8) return false;
            address = new IpLiteral(true, all);
            return true;
        }
        if (!TryParseGroups(text[..gap], out var high, out var before)
            || !TryParseGroups(text[(gap + 2)..], out var low, out var after)
            || before + after > 7)
        {
            return false;
        }
        var bits = before == 0 ? low : (high << (16 * (8 - before))) | low;
        address = new IpLiteral(true, bits);
        return true;
    }

    private static bool TryParseGroups(ReadOnlySpan<byte> text, out UInt128 bits, out int count)
    {
        bits = 0;
        count = 0;
        if (text.IsEmpty) return true;
        foreach (var range in text.Split((byte)':'))
        {
            var group = text[range];
            if (group.Length is 0 or > 4 || ++count > 8) return false;
            uint value = 0;
            foreach (var c in group)
            {
                if (!char.IsAsciiHexDigit((char)c)) return false;
                value = (value << 4) | (uint)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
            }
            bits = (bits << 16) | value;
        }
        return true;
    }
}
