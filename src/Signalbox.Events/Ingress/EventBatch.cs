using System.Text.Json;
using System.Text.Unicode;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Ingress;

/// <summary>Takes a batch apart: a JSON array of events in structured mode (CloudEvents JSON format 1.0, section 4).</summary>
internal static class EventBatch
{
    /// <summary>The events as they are written, each in an array of its own.</summary>
    public static Outcome<List<byte[]>> Split(ReadOnlySpan<byte> body, EventsOptions options)
    {
        if (!Utf8.IsValid(body))
        {
            return ApiRefusal.BadRequest("The body is not valid UTF-8.");
        }

        try
        {
            return SplitArray(body, options);
        }
        catch (JsonException exception)
        {
            return ApiRefusal.BadRequest(JsonProblem.Explain(body, exception, around: -1));
        }
    }

    private static Outcome<List<byte[]>> SplitArray(ReadOnlySpan<byte> body, EventsOptions options)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = CloudEventReader.DepthMax + 1 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            return ApiRefusal.BadRequest("The body is not a JSON array. Send a batch as an array of CloudEvents, or one event as application/cloudevents+json.");
        }

        var events = new List<byte[]>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var length = (int)reader.BytesConsumed - start;
            if (events.Count == options.PublishBatchEventsMax)
            {
                return new ApiRefusal(413, $"The batch has more than {options.PublishBatchEventsMax} events. Send smaller ones.");
            }

            if (length > options.PublishBytesMax)
            {
                return new ApiRefusal(413, $"Event [{events.Count}] of the batch has {length} bytes. An event may have {options.PublishBytesMax}.");
            }

            events.Add(body.Slice(start, length).ToArray());
        }

        // Whatever follows the array is an error, which the reader raises.
        while (reader.Read())
        {
        }

        return events;
    }
}
