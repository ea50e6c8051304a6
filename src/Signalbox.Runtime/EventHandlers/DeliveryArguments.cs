using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.EventHandlers;

/// <summary>A delivery as a raw web action gets it: the <c>__ow_*</c> arguments, taken apart.</summary>
internal sealed class DeliveryArguments(ReadOnlyMemory<byte> arguments)
{
    private readonly JsonElement _root = RuntimeJson.Parse(arguments.Span);

    /// <summary>A header by its lower-case name; empty when absent.</summary>
    public string Header(string name) =>
        _root.TryGetProperty("__ow_headers", out var headers) && headers.ValueKind == JsonValueKind.Object
        && headers.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    public IEnumerable<(string Name, string Value)> Headers() =>
        _root.TryGetProperty("__ow_headers", out var headers) && headers.ValueKind == JsonValueKind.Object
            ? headers.EnumerateObject()
                .Where(header => header.Value.ValueKind == JsonValueKind.String)
                .Select(header => (header.Name.ToLowerInvariant(), header.Value.GetString()!))
            : [];

    /// <summary>A parameter of the URL's query, or null.</summary>
    public string? Query(string name) =>
        Text("__ow_query") is { Length: > 0 } query && QueryHelpers.ParseQuery(query).TryGetValue(name, out var values) ? values[^1] : null;

    public string? Text(string name) =>
        _root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The body's bytes as they were received: what is base64 text was encoded on the way here.</summary>
    public byte[] Body()
    {
        var text = Text("__ow_body") ?? "";
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return text.Length % 4 == 0
            && Convert.TryFromBase64String(text, decoded, out var length)
            && Convert.ToBase64String(decoded, 0, length) == text
                ? decoded[..length]
                : Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Only what a delivery consists of, for the user's sequence; nothing else that the arguments hold.</summary>
    public void WriteDelivery(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var name in (string[])["__ow_method", "__ow_headers", "__ow_body"])
        {
            if (_root.TryGetProperty(name, out var value))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
