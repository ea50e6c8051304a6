using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace Signalbox.Developer.Manifest;

/// <summary>Where the names in a configuration stand, of which its JSON tree knows nothing.</summary>
/// <param name="file">What is said of a name whose place is not known.</param>
internal sealed class YamlPlaces(string file)
{
    private readonly Dictionary<JsonObject, Dictionary<string, string>> _places = new(ReferenceEqualityComparer.Instance);

    public void Add(JsonObject parent, string name, string path, Mark start) => Add(parent, name, Text(path, start));

    /// <summary>Gives the names of one object the places that they have in another.</summary>
    public void Copy(JsonObject from, JsonObject to)
    {
        foreach (var (name, place) in _places.GetValueOrDefault(from) ?? [])
        {
            Add(to, name, place);
        }
    }

    /// <summary>As compilers write it: <c>path(line,column)</c>.</summary>
    public string Of(JsonNode? parent, string name) =>
        parent is JsonObject known && _places.TryGetValue(known, out var names) ? names.GetValueOrDefault(name, file) : file;

    /// <inheritdoc cref="Of"/>
    public static string Text(string path, Mark start) => $"{path}({start.Line},{start.Column})";

    private void Add(JsonObject parent, string name, string place)
    {
        if (!_places.TryGetValue(parent, out var names))
        {
            _places[parent] = names = new Dictionary<string, string>(StringComparer.Ordinal);
        }

        names[name] = place;
    }
}
