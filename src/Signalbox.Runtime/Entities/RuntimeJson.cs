using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Signalbox.Runtime.Entities;

/// <summary>JSON of the room's own plain values.</summary>
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class RuntimeJson : JsonSerializerContext
{
    public static JsonElement Null { get; } = Parse("null");

    public static JsonElement Parse(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), Edge.Json.Reading);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>The element of bytes that are known to be JSON; the bytes must not change any more.</summary>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Edge.Json.Reading);
        return JsonElement.ParseValue(ref reader);
    }
}
