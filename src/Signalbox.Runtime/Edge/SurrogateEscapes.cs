using System.Globalization;

namespace Signalbox.Runtime.Edge;

/// <summary>
/// JSON may name one half of a surrogate pair (<c>"\ud800"</c>); JavaScript writes it for a text that was cut in the
/// middle of a character. It is no character, and .NET throws when such a text is read.
/// </summary>
internal static class SurrogateEscapes
{
    private const int EscapeLength = 6;

    /// <summary>The JSON with U+FFFD for each lone half, as UTF-8 encoders write it; the same bytes when there is none.</summary>
    public static ReadOnlyMemory<byte> Mend(ReadOnlyMemory<byte> json)
    {
        var text = json.Span;
        byte[]? mended = null;
        var at = 0;
        // Valid JSON has backslashes in texts only, and each begins an escape of two or of six characters.
        for (var next = text.IndexOf((byte)'\\'); next >= 0; next = at < text.Length ? text[at..].IndexOf((byte)'\\') : -1)
        {
            at += next;
            var unit = UnitAt(text, at);
            if (char.IsHighSurrogate(unit) && char.IsLowSurrogate(UnitAt(text, at + EscapeLength)))
            {
                at += 2 * EscapeLength;
                continue;
            }

            if (char.IsSurrogate(unit))
            {
                mended ??= json.ToArray();
                "\\ufffd"u8.CopyTo(mended.AsSpan(at));
            }

            at += 2;
        }

        return mended ?? json;
    }

    /// <summary>The UTF-16 unit that an escape at this place names; NUL when there is no such escape.</summary>
    private static char UnitAt(ReadOnlySpan<byte> text, int at) =>
        at + EscapeLength <= text.Length
        && text[at] == '\\'
        && text[at + 1] == 'u'
        && ushort.TryParse(text.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : '\0';
}
