using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Signalbox.Developer.Connection;

namespace Signalbox.Developer.Manifest;

/// <summary>
/// Inputs as the <c>aio</c> command line reads them: <c>$NAME</c> and <c>${NAME}</c> from the environment, then from
/// the folder's <c>.env</c>; <c>value</c> or <c>default</c> of a described input; the empty value of a bare type.
/// </summary>
internal sealed partial class InputValues
{
    private readonly IReadOnlyDictionary<string, string> _dotEnv;
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);

    public InputValues(string folder)
    {
        _dotEnv = SettingsFile.Read(Path.Combine(folder, ".env"));
    }

    /// <summary>Names that nothing defines; they were read as empty.</summary>
    public IReadOnlyCollection<string> Missing => _missing;

    public JsonObject Read(JsonNode? inputs)
    {
        var values = new JsonObject();
        foreach (var (name, value) in inputs as JsonObject ?? [])
        {
            values[name] = ReadValue(value);
        }

        return values;
    }

    private JsonNode? ReadValue(JsonNode? value) => value switch
    {
        JsonValue text when text.TryGetValue<string>(out var written) => written switch
        {
            "string" => JsonValue.Create(""),
            "integer" or "number" => JsonValue.Create(0),
            _ => JsonValue.Create(Substitute(written)),
        },
        JsonObject described when described.ContainsKey("value") => ReadValue(described["value"]),
        JsonObject described when described.ContainsKey("default") => ReadValue(described["default"]),
        JsonObject nested => Read(nested),
        JsonArray array => new JsonArray([.. array.Select(ReadValue)]),
        _ => value?.DeepClone(),
    };

    private string Substitute(string text) => Reference.Replace(text, match =>
    {
        var name = match.Groups["braced"].Success ? match.Groups["braced"].Value : match.Groups["bare"].Value;
        var found = Environment.GetEnvironmentVariable(name) ?? _dotEnv.GetValueOrDefault(name);
        if (found is null)
        {
            _missing.Add(name);
        }

        return found ?? "";
    });

    [GeneratedRegex(@"\$\{ *(?<braced>[A-Za-z0-9_-]+) *\}|\$(?<bare>[A-Za-z0-9_]+)")]
    private static partial Regex Reference { get; }
}
