using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Signalbox.Events.Ingress;

/// <summary>Which texts attributes may hold (CloudEvents 1.0, "Type System").</summary>
internal static class AttributeText
{
    private const byte Delete = 0x7F;

    private const string NotAllowed = "holds a character that CloudEvents do not allow: a control character or a code point that is no character.";

    private static readonly SearchValues<char> _notInUris = SearchValues.Create(" \"<>\\^`{|}");

    /// <summary>What is wrong with the reader's string, as the end of a sentence; null when nothing is.</summary>
    public static string? FindFault(ref Utf8JsonReader reader)
    {
        // JSON itself has no control characters below the space, unless escaped.
        if (!reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan))
        {
            return reader.ValueSpan.Contains(Delete) ? NotAllowed : null;
        }

        string text;
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "holds half of a surrogate pair. Send whole characters.";
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune.Value is >= 0xFDD0 and <= 0xFDEF || (rune.Value & 0xFFFE) == 0xFFFE)
            {
                return NotAllowed;
            }
        }

        return null;
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
