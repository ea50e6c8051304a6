namespace Signalbox.Events;

/// <summary>Shortens texts between characters: half a surrogate pair is no text, and PostgreSQL refuses it.</summary>
internal static class WholeText
{
    /// <summary>As much of a text as fits, in UTF-16 units.</summary>
    public static string Cut(string text, int lengthMax) =>
        text.Length <= lengthMax ? text : text[..(char.IsHighSurrogate(text[lengthMax - 1]) ? lengthMax - 1 : lengthMax)];

    /// <summary>The same in one line, without what a log, a terminal or a database would obey or refuse.</summary>
    public static string OneLine(string text, int lengthMax) =>
        string.Concat(Cut(text, lengthMax).Select(c => IsObeyed(c) ? ' ' : c));

    // Line ends besides the common ones, and what turns the direction of writing.
    private static bool IsObeyed(char character) =>
        char.IsControl(character)
        || character is '\u2028' or '\u2029' or '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
