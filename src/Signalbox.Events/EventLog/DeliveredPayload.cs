using System.Text.Encodings.Web;
using System.Text.Json;
using Signalbox.Identity;

namespace Signalbox.Events.EventLog;

/// <summary>The bytes that a recipient gets: the published event plus four attributes (events behaviour, section 7.1).</summary>
public static class DeliveredPayload
{
    /// <summary>Room for the names and ids that are added, without the two client ids.</summary>
    private const int AddedBytesMax = 256;

    private const int GuidLength = 36;

    /// <summary>A length that the delivered JSON never exceeds; at most some hundred bytes more than it takes.</summary>
    public static int LengthMax(AcceptedEvent accepted, ClientId recipient) => LengthMax(accepted.Payload.Length, JsonText(recipient).Length);

    /// <summary>
    /// Composes the delivered JSON. The same event and recipient always give the same bytes, so that signatures can
    /// be made once and used for every attempt. Members that the publisher gave under the four names are dropped;
    /// every other name and value is copied as written, <c>data</c> last.
    /// </summary>
    public static ReadOnlyMemory<byte> Compose(AcceptedEvent accepted, ClientId recipient)
    {
        var client = JsonText(recipient);
        var buffer = new byte[LengthMax(accepted.Payload.Length, client.Length)];
        Span<byte> eventId = stackalloc byte[GuidLength];
        accepted.EventId.TryFormat(eventId, out _, "D");
        return buffer.AsMemory(0, Compose(accepted.Payload.Span, eventId, client, buffer));
    }

    /// <summary>A recipient as it stands between the quotes of the delivered JSON.</summary>
    public static ReadOnlySpan<byte> JsonText(ClientId recipient) =>
        JsonEncodedText.Encode(recipient.Value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;

    /// <summary>A length that the delivered JSON never exceeds.</summary>
    public static int LengthMax(int publishedBytes, int recipientBytes) => publishedBytes + AddedBytesMax + (2 * recipientBytes);

    /// <summary>Composes the same into a buffer of at least <see cref="LengthMax(int, int)"/> bytes. Returns the length.</summary>
    /// <param name="published">The event as published.</param>
    /// <param name="eventId">The service's id of it, as text.</param>
    /// <param name="recipient">What <see cref="JsonText"/> gives.</param>
    public static int Compose(ReadOnlySpan<byte> published, ReadOnlySpan<byte> eventId, ReadOnlySpan<byte> recipient, Span<byte> buffer)
    {
        var composed = new Cursor(buffer);
        composed.Add("{"u8);
        var data = AddMembers(published, ref composed);
        composed.Add("\"eventid\":\""u8);
        composed.Add(eventId);
        composed.Add("\",\"event_id\":\""u8);
        composed.Add(eventId);
        composed.Add("\",\"recipient_client_id\":\""u8);
        composed.Add(recipient);
        composed.Add("\",\"recipientclientid\":\""u8);
        composed.Add(recipient);
        composed.Add("\""u8);
        if (!data.IsEmpty)
        {
            composed.Add(",\"data\":"u8);
            composed.Add(data);
        }

        composed.Add("}"u8);
        return composed.Length;
    }

    /// <summary>Copies the members that stay in their place, each followed by a comma. Returns the value of <c>data</c>.</summary>
    private static ReadOnlySpan<byte> AddMembers(ReadOnlySpan<byte> published, ref Cursor composed)
    {
        ReadOnlySpan<byte> data = default;
        var reader = new Utf8JsonReader(published);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var isData = reader.ValueTextEquals("data"u8);
            var isReplaced = IsAdded(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = published[start..(int)reader.BytesConsumed];
            if (isData)
            {
                data = value;
            }
            else if (!isReplaced)
            {
                composed.Add("\""u8);
                composed.Add(name);
                composed.Add("\":"u8);
                composed.Add(value);
                composed.Add(","u8);
            }
        }

        return data;
    }

    private static bool IsAdded(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("eventid"u8) || reader.ValueTextEquals("event_id"u8)
        || reader.ValueTextEquals("recipient_client_id"u8) || reader.ValueTextEquals("recipientclientid"u8);

    /// <summary>Writes spans one behind the other.</summary>
    private ref struct Cursor(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;

        public int Length { get; private set; }

        public void Add(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_buffer[Length..]);
            Length += bytes.Length;
        }
    }
}
