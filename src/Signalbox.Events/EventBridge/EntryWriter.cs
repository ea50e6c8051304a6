using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Signalbox.Events.Delivery;
using Signalbox.Events.EventLog;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.EventBridge;

/// <summary>
/// Writes the body of a <c>PutEvents</c> request. EventBridge makes the documented envelope of each entry (events
/// behaviour, section 15): it adds version, id, account and region; what is sent is source, detail type, time and detail.
/// </summary>
internal sealed class EntryWriter(IProviderDirectory providers, EventBridgeOptions options)
{
    /// <summary>What EventBridge counts for an entry's time.</summary>
    private const int TimeBytes = 14;

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="parcel">One entry for each of its deliveries, in their order.</param>
    /// <returns>The body, and the bytes of its entries as EventBridge counts them.</returns>
    public async ValueTask<(ReadOnlyMemory<byte> Body, int EntryBytes)> WriteAsync(Parcel parcel, CancellationToken cancellationToken)
    {
        var registration = parcel.Registration;
        var source = options.SourceOf(registration);
        var bus = BusOf(registration);
        var buffer = new ArrayBufferWriter<byte>(1_024 * parcel.Deliveries.Count);
        var counted = 0;
        await using var json = new Utf8JsonWriter(buffer, _json);
        json.WriteStartObject();
        json.WriteStartArray("Entries"u8);
        foreach (var delivery in parcel.Deliveries)
        {
            var accepted = delivery.Accepted;
            var label = (await providers.FindAsync(accepted.ProviderId, cancellationToken))?.Label ?? accepted.ProviderId;
            var detailType = $"{label}:{accepted.EventCode}";
            var detail = DeliveredPayload.Compose(accepted, registration.ClientId);
            counted += TimeBytes + Encoding.UTF8.GetByteCount(source) + Encoding.UTF8.GetByteCount(detailType) + detail.Length;
            json.WriteStartObject();
            json.WriteString("Source"u8, source);
            json.WriteString("DetailType"u8, detailType);
            json.WriteNumber("Time"u8, accepted.ReceivedAt.ToUnixTimeSeconds());
            json.WriteStartArray("Resources"u8);
            json.WriteEndArray();
            json.WriteString("Detail"u8, detail.Span);
            if (bus is not null)
            {
                json.WriteString("EventBusName"u8, bus);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
        return (buffer.WrittenMemory, counted);
    }

    private string? BusOf(Registration registration) => options.EventBus is not { Length: > 0 } bus
        ? null
        : bus.Replace("{region}", registration.Destination?.Region, StringComparison.Ordinal)
            .Replace("{account}", registration.Destination?.AccountId, StringComparison.Ordinal);
}
