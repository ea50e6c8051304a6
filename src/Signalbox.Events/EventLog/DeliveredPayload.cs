using System.Buffers;
using System.Text.Json;
using Signalbox.Identity;

namespace Signalbox.Events.EventLog;

/// <summary>The bytes that a recipient gets: the published event plus four attributes (events behaviour, section 7.1).</summary>
public static class DeliveredPayload
{
    /// <summary>
    /// Composes the delivered JSON. The same event and recipient always give the same bytes, so that signatures can
    /// be made once and used for every attempt. Members that the publisher gave under the four names are dropped;
    /// every other token is copied as written.
    /// </summary>
    public static ReadOnlyMemory<byte> Compose(AcceptedEvent accepted, ClientId recipient)
    {
        var buffer = new ArrayBufferWriter<byte>(accepted.Payload.Length + 256);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            using var document = JsonDocument.Parse(accepted.Payload);
            writer.WriteStartObject();
            JsonElement? data = null;
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.NameEquals("data"u8))
                {
                    data = member.Value;
                }
                else if (!IsAdded(member))
                {
                    writer.WritePropertyName(member.Name);
                    writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
                }
            }

            var eventId = accepted.EventId.ToString("D");
            writer.WriteString("eventid"u8, eventId);
            writer.WriteString("event_id"u8, eventId);
            writer.WriteString("recipient_client_id"u8, recipient.Value);
            writer.WriteString("recipientclientid"u8, recipient.Value);
            if (data is { } value)
            {
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static bool IsAdded(JsonProperty member) =>
        member.NameEquals("eventid"u8) || member.NameEquals("event_id"u8)
        || member.NameEquals("recipient_client_id"u8) || member.NameEquals("recipientclientid"u8);
}
