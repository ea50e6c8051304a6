using System.Text.Json;

namespace Signalbox.Events.Ingress;

/// <summary>Says why a body is not read as JSON: it is none, or its objects and arrays go too deep.</summary>
internal static class JsonProblem
{
    /// <param name="body">What was read.</param>
    /// <param name="exception">How reading it ended.</param>
    /// <param name="around">Levels of the event that stand around the body; -1 when the body stands around its events.</param>
    public static string Explain(ReadOnlySpan<byte> body, JsonException exception, int around = 0)
    {
        var place = $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}";
        return IsDeeper(body, CloudEventReader.DepthMax - around)
            ? $"The event has more than {CloudEventReader.DepthMax} levels of objects and arrays, its own included, at {place}. Send fewer."
            : $"The body is not valid JSON at {place}.";
    }

    /// <summary>The reader tells it in its message alone, so the body is read again with a level more.</summary>
    private static bool IsDeeper(ReadOnlySpan<byte> body, int depthMax)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = depthMax + 1 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject && reader.CurrentDepth == depthMax)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // Something else is wrong first.
        }

        return false;
    }
}
