using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Signalbox.Server.Tests.Conformance;

/// <summary>A Swagger 2.0 description, read from its file.</summary>
internal sealed class ApiDescription
{
    private readonly JsonObject _definitions;

    private ApiDescription(JsonObject document)
    {
        _definitions = Searchable(document["definitions"]!).AsObject();
        Operations =
        [
            .. from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               select new ApiOperation(
                   operation.Value!["operationId"]!.GetValue<string>(),
                   new HttpMethod(operation.Key.ToUpperInvariant()),
                   path.Key,
                   Texts(operation.Value["consumes"]),
                   Texts(operation.Value["produces"]),
                   operation.Value["responses"]!.AsObject().ToDictionary(r => r.Key, r => r.Value!["schema"]?.AsObject())),
        ];
    }

    public IReadOnlyList<ApiOperation> Operations { get; }

    public static ApiDescription Load(string file)
    {
        using var reader = new StreamReader(file);
        var yaml = new YamlStream();
        yaml.Load(reader);
        return new ApiDescription(ToJson(yaml.Documents[0].RootNode)!.AsObject());
    }

    /// <summary>What is wrong with a body by its schema; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate(JsonObject schema, JsonElement body)
    {
        var whole = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["allOf"] = new JsonArray(Searchable(schema)),
            ["definitions"] = _definitions.DeepClone(),
        };
        var results = JsonSchema.FromText(whole.ToJsonString()).Evaluate(body, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid
            ? []
            : [.. (results.Details ?? []).Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}"))];
    }

    /// <summary>The members that a schema describes; none for an array.</summary>
    public IReadOnlyList<string> MembersOf(JsonObject schema)
    {
        var named = schema["$ref"] is { } reference ? _definitions[reference.GetValue<string>().Split('/')[^1]]!.AsObject() : schema;
        return [.. named["properties"]?.AsObject().Select(p => p.Key) ?? []];
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, ToJson(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => JsonValue.Create(flag.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } number when long.TryParse(number.Value, CultureInfo.InvariantCulture, out var value) => JsonValue.Create(value),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new NotSupportedException($"A {node.NodeType} in YAML."),
    };

    /// <summary>The same without the patterns, which are of request bodies and written for another dialect of expressions, and without examples.</summary>
    private static JsonNode Searchable(JsonNode node)
    {
        var copy = node.DeepClone();
        Strip(copy);
        return copy;
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                Strip(item);
            }
        }
        else if (node is JsonObject map)
        {
            foreach (var name in (string[])["pattern", "example", "format", "description"])
            {
                // A property may be called 'description'; then its value is a schema.
                if (map[name] is JsonValue)
                {
                    map.Remove(name);
                }
            }

            foreach (var member in map.ToList())
            {
                Strip(member.Value);
            }
        }
    }

    private static IReadOnlyList<string> Texts(JsonNode? list) => [.. list?.AsArray().Select(i => i!.GetValue<string>()) ?? []];
}
