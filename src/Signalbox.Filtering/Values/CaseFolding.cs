using System.Buffers;
using System.Text;

namespace Signalbox.Filtering.Values;

/// <summary>
/// Folds letter case character by character with the invariant upper and lower mappings, so that two texts differ only
/// in case exactly when their folded bytes are equal. No locale takes part (events behaviour, section 13.4).
/// </summary>
internal static class CaseFolding
{
    /// <summary>The folded form may be longer than the text: a character of two bytes can fold to one of three.</summary>
    public static int MaxFoldedLength(int length) => length * 2;

    public static byte[] Fold(ReadOnlySpan<byte> text)
    {
        var buffer = new byte[MaxFoldedLength(text.Length)];
        return buffer[..Fold(text, buffer)];
    }

    /// <summary><paramref name="target"/> must have room for <see cref="MaxFoldedLength"/> bytes.</summary>
    public static int Fold(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var written = 0;
        while (!text.IsEmpty)
        {
            var first = text[0];
            if (first < 0x80)
            {
                target[written++] = first is >= (byte)'A' and <= (byte)'Z' ? (byte)(first | 0x20) : first;
                text = text[1..];
            }
            else if (Rune.DecodeFromUtf8(text, out var rune, out var consumed) == OperationStatus.Done)
            {
                written += Fold(rune).EncodeToUtf8(target[written..]);
                text = text[consumed..];
            }
            else
            {
                target[written++] = first;
                text = text[1..];
            }
        }
        return written;
    }

    private static Rune Fold(Rune rune) => Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune));
}
