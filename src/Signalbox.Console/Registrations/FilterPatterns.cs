using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.WebConsole.Components;

namespace Signalbox.WebConsole.Registrations;

/// <summary>What a filter can be made of, in the words of the documented pattern drop-down (events behaviour, section 16).</summary>
internal static class FilterPatterns
{
    private const string NewField = "field";

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The entry's name and the pattern that it inserts.</summary>
    public static IReadOnlyList<(string Name, string Pattern)> All { get; } =
    [
        ("Prefix", """[{"prefix":"eu-"}]"""),
        ("Prefix equals-ignore-case", """[{"prefix":{"equals-ignore-case":"EU-"}}]"""),
        ("Suffix", """[{"suffix":".png"}]"""),
        ("Suffix equals-ignore-case", """[{"suffix":{"equals-ignore-case":".PNG"}}]"""),
        ("Equals-ignore-case", """[{"equals-ignore-case":"active"}]"""),
        ("Anything-but list (strings)", """[{"anything-but":["draft","deleted"]}]"""),
        ("Anything-but list (numbers)", """[{"anything-but":[100,200]}]"""),
        ("Anything-but prefix", """[{"anything-but":{"prefix":"tmp-"}}]"""),
        ("Anything-but prefix list", """[{"anything-but":{"prefix":["tmp-","test-"]}}]"""),
        ("Anything-but suffix", """[{"anything-but":{"suffix":".tmp"}}]"""),
        ("Anything-but suffix list", """[{"anything-but":{"suffix":[".tmp",".bak"]}}]"""),
        ("Anything-but-ignore-case", """[{"anything-but":{"equals-ignore-case":"draft"}}]"""),
        ("Anything-but-ignore-case list", """[{"anything-but":{"equals-ignore-case":["draft","deleted"]}}]"""),
        ("Numeric", """[{"numeric":[">",0,"<=",100]}]"""),
        ("IP Address", """[{"cidr":"10.0.0.0/24"}]"""),
        ("Exists", """[{"exists":true}]"""),
        ("Or", """[{"colour":["red"]},{"size":[{"numeric":[">",10]}]}]"""),
    ];

    /// <summary>What the editor offers: operators, and the paths of an event.</summary>
    public static IReadOnlyList<EditorCompletion> Completions { get; } =
    [
        new("\"data\"", "the event's own members"),
        new("\"type\"", "the event code"),
        new("\"source\"", "the provider, urn:uuid:…"),
        new("\"subject\"", "what the event is about"),
        new("\"prefix\"", "starts with a text"),
        new("\"suffix\"", "ends with a text"),
        new("\"equals-ignore-case\"", "the same text in any case"),
        new("\"anything-but\"", "present, but none of these"),
        new("\"numeric\"", "compares a number: [\">\", 0, \"<=\", 100]"),
        new("\"exists\"", "true: present; false: missing"),
        new("\"cidr\"", "an IP address in a range"),
        new("\"$or\"", "one of several objects matches"),
        new("true", ""),
        new("false", ""),
        new("null", ""),
    ];

    /// <summary>The filter with one pattern more, at a field of its own below <c>data</c>; null when the text is no JSON object.</summary>
    public static string? Add(string filter, string name)
    {
        var pattern = All.First(p => p.Name == name).Pattern;
        if (Parse(filter) is not { } root)
        {
            return null;
        }

        if (root["data"] is not JsonObject data)
        {
            root["data"] = data = [];
        }

        var field = name == "Or" ? "$or" : NewField;
        for (var i = 2; data.ContainsKey(field); i++)
        {
            field = $"{(name == "Or" ? "$or" : NewField)}{i}";
        }

        data[field] = JsonNode.Parse(pattern);
        return root.ToJsonString(_indented);
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return string.IsNullOrWhiteSpace(text) ? [] : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
