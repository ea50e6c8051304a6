using System.Text.Json.Nodes;

namespace Signalbox.Developer.Manifest;

/// <summary>
/// Resolves <c>$include: FILE</c> anywhere in a configuration. Paths below <c>function</c> and <c>include</c> are
/// relative to the file that they stand in; they are made absolute here.
/// </summary>
internal static class IncludedFiles
{
    private const int DepthMax = 10;

    public static JsonObject Read(string path, YamlPlaces places, int depth = 0)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return depth > DepthMax
            ? throw new DeveloperException($"{path}: $include goes deeper than {DepthMax} files. Does a file include itself?")
            : (JsonObject)Resolve(YamlTree.Read(path, places), folder, path, places, depth)!;
    }

    private static JsonNode? Resolve(JsonNode? node, string folder, string path, YamlPlaces places, int depth) => node switch
    {
        JsonObject mapping => ResolveMapping(mapping, folder, path, places, depth),
        JsonArray array => new JsonArray([.. array.Select(item => Resolve(item, folder, path, places, depth))]),
        _ => node?.DeepClone(),
    };

    private static JsonObject ResolveMapping(JsonObject mapping, string folder, string path, YamlPlaces places, int depth)
    {
        var resolved = new JsonObject();
        if (mapping["$include"] is { } include)
        {
            var target = include is JsonValue value && value.TryGetValue<string>(out var text)
                ? Path.GetFullPath(text, folder)
                : throw new DeveloperException($"{places.Of(mapping, "$include")}: $include must name a file.");
            resolved = File.Exists(target)
                ? Read(target, places, depth + 1)
                : throw new DeveloperException($"{places.Of(mapping, "$include")}: $include names '{target}', which does not exist.");
        }

        places.Copy(mapping, resolved);
        foreach (var (name, value) in mapping)
        {
            if (name != "$include")
            {
                resolved[name] = name switch
                {
                    "function" when Text(value) is { } file => Path.GetFullPath(file, folder),
                    "include" when value is JsonArray list => new JsonArray([.. list.Select(item => Rooted(item, folder))]),
                    _ => Resolve(value, folder, path, places, depth),
                };
            }
        }

        return resolved;
    }

    private static JsonNode? Rooted(JsonNode? item, string folder) =>
        item is JsonArray { Count: > 0 } pair && Text(pair[0]) is { } first
            ? new JsonArray([JsonValue.Create(Path.GetFullPath(first, folder)), .. pair.Skip(1).Select(rest => rest?.DeepClone())])
            : item?.DeepClone();

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
