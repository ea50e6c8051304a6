using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Signalbox.Developer.Terminal;

/// <summary>JSON as people, and programs, like to read it.</summary>
internal static partial class Json
{
    /// <summary>An event may have 64 levels, and is shown within something else.</summary>
    private const int DepthMax = 128;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, MaxDepth = DepthMax, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions _oneLine = new() { MaxDepth = DepthMax, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Indented(JsonNode? node) => node?.ToJsonString(_indented) ?? "null";

    public static string OneLine(JsonNode? node) => node?.ToJsonString(_oneLine) ?? "null";

    /// <summary>Reads what a server answers; half of a surrogate pair, which events may hold and no text can, becomes U+FFFD.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static JsonNode? Parse(string text) => JsonNode.Parse(
        Escape.Replace(text, escape => escape.Groups["half"].Success ? "\\ufffd" : escape.Value), documentOptions: new() { MaxDepth = DepthMax });

    /// <summary>One escape, or two that are one character.</summary>
    [GeneratedRegex("""\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)""", RegexOptions.CultureInvariant)]
    private static partial Regex Escape { get; }
}
