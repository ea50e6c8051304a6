using System.Globalization;

namespace Signalbox.WebConsole.Components;

/// <summary>
/// Values in a page's address, which anybody may have typed. Nonsense asks for nothing: a list shows its first page, a filter
/// is off, and its choice box says so.
/// </summary>
internal static class AddressValue
{
    /// <summary>The key of a row, which is positive; null when the text is none.</summary>
    public static long? Key(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var key) && key > 0 ? key : null;

    /// <summary>The one of the words that is meant, in any case; null when the text is none of them.</summary>
    public static string? Word(IReadOnlyList<string> words, string? text) =>
        words.FirstOrDefault(word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase));
}
