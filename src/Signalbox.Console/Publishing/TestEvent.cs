using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.Events.Providers;

namespace Signalbox.WebConsole.Publishing;

/// <summary>Fills in a test event.</summary>
internal static class TestEvent
{
    // Delivery adds these; a sample shows them.
    private static readonly string[] _ofDelivery = ["eventid", "event_id", "recipient_client_id", "recipientclientid"];

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The event's sample as its publisher would send it; without one, an event with empty data.</summary>
    public static string Compose(Provider provider, EventMetadata metadata, string? sample, DateTimeOffset now)
    {
        if (sample is not null && JsonNode.Parse(sample) is JsonObject given)
        {
            foreach (var name in _ofDelivery)
            {
                given.Remove(name);
            }

            given["source"] = provider.Source;
            given["type"] = metadata.EventCode;
            return given.ToJsonString(_indented);
        }

        return new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = Guid.NewGuid().ToString(),
            ["source"] = provider.Source,
            ["type"] = metadata.EventCode,
            ["time"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null),
            ["datacontenttype"] = "application/json",
            ["data"] = new JsonObject { ["message"] = "Hello" },
        }.ToJsonString(_indented);
    }
}
