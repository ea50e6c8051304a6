using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Signalbox.Developer.Manifest;

/// <summary>YAML files as JSON trees: plain scalars get the types of YAML's core schema, merge keys are merged.</summary>
internal sealed partial class YamlTree
{
    private const int NodesMax = 100_000;
    private const int DepthMax = 64;

    private readonly string _path;
    private readonly YamlPlaces _places;

    private YamlTree(string path, YamlPlaces places)
    {
        _path = path;
        _places = places;
    }

    /// <exception cref="DeveloperException">It is not YAML, or not an object; the message says where.</exception>
    public static JsonObject Read(string path, YamlPlaces places)
    {
        try
        {
            using var reader = File.OpenText(path);
            var stream = new YamlStream();
            stream.Load(reader);
            if (stream.Documents.Count == 0)
            {
                return [];
            }

            var left = NodesMax;
            return new YamlTree(path, places).Convert(stream.Documents[0].RootNode, 0, ref left) as JsonObject
                ?? throw new DeveloperException($"{path}: the file is not a mapping of names to values.");
        }
        catch (YamlException exception)
        {
            throw new DeveloperException($"{YamlPlaces.Text(path, exception.Start)}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DeveloperException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private JsonNode? Convert(YamlNode node, int depth, ref int left)
    {
        if (depth > DepthMax || --left < 0)
        {
            throw new YamlException(node.Start, node.End, $"The file is nested deeper than {DepthMax}, or has more than {NodesMax} values.");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                return ConvertMapping(mapping, depth, ref left);
            case YamlSequenceNode sequence:
                var array = new JsonArray();
                foreach (var child in sequence.Children)
                {
                    array.Add(Convert(child, depth + 1, ref left));
                }

                return array;
            case YamlScalarNode { Style: ScalarStyle.Plain } plain:
                return ConvertPlain(plain.Value ?? "");
            case YamlScalarNode scalar:
                return JsonValue.Create(scalar.Value ?? "");
            default:
                throw new YamlException(node.Start, node.End, "The value cannot be read.");
        }
    }

    private JsonObject ConvertMapping(YamlMappingNode mapping, int depth, ref int left)
    {
        var merged = new JsonObject();
        var own = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? throw new YamlException(key.Start, key.End, "A name must be a text.");
            var converted = Convert(value, depth + 1, ref left);
            if (name != "<<")
            {
                _places.Add(merged, name, _path, key.Start);
                own[name] = converted;
                continue;
            }

            foreach (var source in converted is JsonArray several ? several.Reverse() : [converted])
            {
                foreach (var (inner, innerValue) in source as JsonObject ?? [])
                {
                    merged[inner] = innerValue?.DeepClone();
                    if (!own.ContainsKey(inner))
                    {
                        _places.Add(merged, inner, _path, key.Start);
                    }
                }
            }
        }

        foreach (var (name, value) in own.ToArray())
        {
            own.Remove(name);
            merged[name] = value;
        }

        return merged;
    }

    private static JsonNode? ConvertPlain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when Integer.IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when Number.IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };

    [GeneratedRegex("^[-+]?[0-9]+$")]
    private static partial Regex Integer { get; }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number { get; }
}
