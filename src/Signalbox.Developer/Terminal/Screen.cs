using System.Text;

namespace Signalbox.Developer.Terminal;

/// <summary>Writes for people: colours only where a terminal shows them, and nothing that could steer the terminal.</summary>
internal sealed class Screen(TextWriter output, bool colours)
{
    private readonly Lock _gate = new();

    public static Screen Standard { get; } = new(
        Console.Out, !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    public string Bold(string text) => Paint(text, "1");

    public string Dim(string text) => Paint(text, "2");

    public string Red(string text) => Paint(text, "31");

    public string Green(string text) => Paint(text, "32");

    public string Yellow(string text) => Paint(text, "33");

    public string Cyan(string text) => Paint(text, "36");

    public void Line(string text = "")
    {
        lock (_gate)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }

    /// <summary>Text that others wrote, without the control characters that a terminal would obey.</summary>
    public static string Harmless(string text)
    {
        if (!text.Any(IsControl))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            clean.Append(IsControl(character) ? '\u00b7' : character);
        }

        return clean.ToString();
    }

    /// <summary>Milliseconds as people read them: <c>12 ms</c>, <c>3.4 s</c>.</summary>
    public static string Duration(long ms) =>
        ms < 10_000 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ms} ms")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ms / 1000.0:0.0} s");

    // Those that turn the direction of writing make a name look like another one.
    private static bool IsControl(char character) =>
        (char.IsControl(character) && character is not '\t')
        || character is '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private string Paint(string text, string code) => colours && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
