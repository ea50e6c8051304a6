using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Events.Providers;

/// <summary>A sample as it would be delivered (events behaviour, section 4.1).</summary>
internal static class SampleEvent
{
    /// <summary>The sample's JSON text; null when there is no template, or it is not JSON.</summary>
    public static string? Compose(Provider provider, EventMetadata metadata, DateTimeOffset now)
    {
        if (metadata.SampleEventTemplate is null || Decode(metadata.SampleEventTemplate) is not { } template)
        {
            return null;
        }

        // A template that is a CloudEvent is used whole; any other JSON becomes the data of one.
        var sample = template is JsonObject given && given.ContainsKey("specversion")
            ? given
            : new JsonObject
            {
                ["specversion"] = "1.0",
                ["source"] = provider.Source,
                ["type"] = metadata.EventCode,
                ["datacontenttype"] = "application/json",
                ["data"] = template,
            };
        sample["id"] = Guid.NewGuid().ToString();
        sample["time"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null);
        var eventId = Guid.NewGuid().ToString();
        sample["eventid"] = eventId;
        sample["event_id"] = eventId;
        sample["recipient_client_id"] = "<your_client_id>";
        sample["recipientclientid"] = "<your_client_id>";
        return sample.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static JsonNode? Decode(string template)
    {
        try
        {
            var node = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(template)));
            // Looking at the members makes a duplicate one show itself here.
            _ = (node as JsonObject)?.Count;
            return node;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
