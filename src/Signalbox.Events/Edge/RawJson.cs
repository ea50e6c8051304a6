using System.Text.Json;
using System.Text.Json.Serialization;

namespace Signalbox.Events.Edge;

/// <summary>
/// JSON that goes into an answer as it stands. What was published need not survive a second reading: it may be nested as deep as
/// the whole answer may be, and hold half of a surrogate pair.
/// </summary>
/// <param name="Text">One JSON value in UTF-8.</param>
[JsonConverter(typeof(RawJsonConverter))]
internal sealed record RawJson(ReadOnlyMemory<byte> Text);

/// <summary>Writes it without a look at it.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text.Span, skipInputValidation: true);
}
