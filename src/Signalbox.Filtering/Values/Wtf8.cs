using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Signalbox.Filtering.Values;

/// <summary>
/// JSON texts as bytes that can be compared byte by byte. This is UTF-8, except that a surrogate without its partner
/// (JSON can spell one as <c>\ud800</c>) keeps its own three bytes, so that two texts have equal bytes exactly when
/// they have equal UTF-16 code units.
/// </summary>
internal static class Wtf8
{
    /// <summary>
    /// Resolves the escapes of a JSON string whose syntax has been checked. <paramref name="target"/> must be at least
    /// as long as <paramref name="source"/>; the number of bytes written is returned.
    /// </summary>
    public static int Unescape(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var plain = source.IndexOf((byte)'\\');
            if (plain < 0)
            {
                source.CopyTo(target[written..]);
                return written + source.Length;
            }
            source[..plain].CopyTo(target[written..]);
            written += plain;
            source = source[plain..];
            if (source[1] == 'u')
            {
                var unit = CodeUnit(source);
                source = source[6..];
                if (char.IsHighSurrogate(unit) && source.Length >= 6 && source[0] == '\\' && source[1] == 'u'
                    && CodeUnit(source) is var low && char.IsLowSurrogate(low))
                {
                    written += new Rune(unit, low).EncodeToUtf8(target[written..]);
                    source = source[6..];
                }
                else
                {
                    written += EncodeUnit(unit, target[written..]);
                }
                continue;
            }
            target[written++] = source[1] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                var itself => itself,
            };
            source = source[2..];
        }
    }

    public static byte[] Encode(string text)
    {
        var bytes = new ArrayBufferWriter<byte>(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var target = bytes.GetSpan(4);
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                bytes.Advance(new Rune(text[i], text[i + 1]).EncodeToUtf8(target));
                i++;
            }
            else
            {
                bytes.Advance(EncodeUnit(text[i], target));
            }
        }
        return bytes.WrittenSpan.ToArray();
    }

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                text.Append((char)(((bytes[0] & 0x0F) << 12) | ((bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F)));
                consumed = 3;
            }
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }

    private static char CodeUnit(ReadOnlySpan<byte> escape)
    {
        Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out _, 'x');
        return (char)unit;
    }

    private static int EncodeUnit(char unit, Span<byte> target)
    {
        if (Rune.TryCreate(unit, out var rune)) return rune.EncodeToUtf8(target);
        target[0] = (byte)(0xE0 | (unit >> 12));
        target[1] = (byte)(0x80 | ((unit >> 6) & 0x3F));
        target[2] = (byte)(0x80 | (unit & 0x3F));
        return 3;
    }
}
