using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Ingress;

/// <summary>How a request carries its events (CloudEvents HTTP binding 1.0, section 3).</summary>
internal enum PublishMode
{
    /// <summary>One event, which is the body.</summary>
    Structured,

    /// <summary>One event, whose attributes are headers and whose data are the body.</summary>
    Binary,

    /// <summary>An array of events.</summary>
    Batch,
}

/// <summary>Tells the mode of a request by its content type, and by its headers where that leaves two.</summary>
internal static class PublishModes
{
    private const string Structured = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";
    private const string Json = "application/json";

    public static Outcome<PublishMode> Of(HttpRequest request)
    {
        var given = request.ContentType;
        if (given == Structured)
        {
            return PublishMode.Structured;
        }

        var isBinary = BinaryEvent.IsMeant(request.Headers);
        if (string.IsNullOrEmpty(given) && isBinary && request.ContentLength is null or 0 && !request.Headers.ContainsKey(HeaderNames.TransferEncoding))
        {
            // An event without data.
            return PublishMode.Binary;
        }

        return MediaTypeHeaderValue.TryParse(given, out var type) && IsUtf8(type)
            ? Is(type, Structured) ? PublishMode.Structured
            : Is(type, Batch) ? PublishMode.Batch
            : Is(type, Json) ? isBinary ? PublishMode.Binary : PublishMode.Structured
            : Refuse(given, isBinary)
            : Refuse(given, isBinary);
    }

    private static bool Is(MediaTypeHeaderValue type, string name) => type.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        type.Charset.Length == 0 || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static ApiRefusal Refuse(string? given, bool isBinary) => ApiRefusal.UnsupportedMediaType(
        FieldChecks.Shown(given ?? ""),
        isBinary
            ? $"the data of an event in binary mode as {Json}, in UTF-8"
            : $"one CloudEvent as {Structured}, several as {Batch}, or one in binary mode (headers ce-…) as {Json}, in UTF-8");
}
