using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Providers;

/// <summary>Makes sample events (events behaviour, section 4.1): whole CloudEvents, from an event type's template or from a given payload.</summary>
internal static class SampleEvent
{
    private const string Placeholder = "<your_client_id>";

    private static readonly JsonSerializerOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The sample as it would be delivered, to be shown; null when there is no template, or it is not JSON.</summary>
    public static string? Compose(Provider provider, EventMetadata metadata, DateTimeOffset now)
    {
        if (metadata.SampleEventTemplate is null || Parse(metadata.SampleEventTemplate) is not { } template)
        {
            return null;
        }

        var sample = ToEvent(provider, metadata, template, now);
        var eventId = Guid.NewGuid().ToString();
        sample["eventid"] = eventId;
        sample["event_id"] = eventId;
        sample["recipient_client_id"] = Placeholder;
        sample["recipientclientid"] = Placeholder;
        return sample.ToJsonString(_readable);
    }

    /// <summary>The sample as its provider would publish it.</summary>
    /// <param name="payload">What to make it of; null: the template.</param>
    /// <returns>The event; null when there is nothing to make it of.</returns>
    public static byte[]? ComposePublished(Provider provider, EventMetadata metadata, JsonObject? payload, DateTimeOffset now)
    {
        var made = payload ?? (metadata.SampleEventTemplate is { } template ? Parse(template) : null);
        return made is null ? null : JsonSerializer.SerializeToUtf8Bytes(ToEvent(provider, metadata, made, now), _readable);
    }

    /// <summary>What is a CloudEvent is used whole; any other JSON becomes the data of one.</summary>
    private static JsonObject ToEvent(Provider provider, EventMetadata metadata, JsonNode made, DateTimeOffset now)
    {
        var sample = made is JsonObject given && given.ContainsKey("specversion")
            ? given
            : new JsonObject
            {
                ["specversion"] = "1.0",
                ["datacontenttype"] = "application/json",
                ["data"] = made,
            };
        sample["id"] = Guid.NewGuid().ToString();
        sample["source"] = provider.Source;
        sample["type"] = metadata.EventCode;
        sample["time"] = ApiTime.Format(now);
        return sample;
    }

    /// <summary>The same JSON, of which everything has been read: names and values are decoded when they are used.</summary>
    /// <exception cref="InvalidOperationException">A name or a value holds half of a surrogate pair.</exception>
    public static T Whole<T>(T json)
        where T : JsonNode
    {
        json.ToJsonString();
        return json;
    }

    private static JsonNode? Parse(string template)
    {
        try
        {
            var node = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(template)));
            // Looking at the members makes a duplicate one show itself here.
            _ = (node as JsonObject)?.Count;
            return node is null ? null : Whole(node);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
