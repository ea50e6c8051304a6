using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Signalbox.Events.Ingress;

/// <summary>Which texts attributes may hold (CloudEvents 1.0, "Type System").</summary>
internal static class AttributeText
{
    private const byte Delete = 0x7F;

    private static readonly SearchValues<char> _notInUris = SearchValues.Create(" \"<>\\^`{|}");

    /// <summary>
    /// False when the reader's string holds a control character or a noncharacter.
    /// </summary>
    /// <exception cref="InvalidOperationException">It holds half of a surrogate pair.</exception>
    public static bool IsAllowed(ref Utf8JsonReader reader)
    {
        // JSON itself has no control characters below the space, unless escaped.
        if (!reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan))
        {
            return !reader.ValueSpan.Contains(Delete);
        }

        foreach (var rune in reader.GetString()!.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune.Value is >= 0xFDD0 and <= 0xFDEF || (rune.Value & 0xFFFE) == 0xFFFE)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for a scheme, a colon and something behind it; what lies beyond ASCII is let through.</summary>
    public static bool IsAbsoluteUri(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0 || colon == text.Length - 1 || !char.IsAsciiLetter(text[0]) || text.ContainsAny(_notInUris))
        {
            return false;
        }

        foreach (var character in text[..colon])
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
