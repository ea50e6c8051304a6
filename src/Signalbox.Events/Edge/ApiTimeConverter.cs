using System.Text.Json;
using System.Text.Json.Serialization;

namespace Signalbox.Events.Edge;

/// <summary>Writes times as <see cref="ApiTime"/> does.</summary>
internal sealed class ApiTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(ApiTime.Format(value));
}
