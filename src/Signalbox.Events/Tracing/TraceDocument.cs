using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Tracing;

/// <summary>Writes the <c>TracingRequestResponse</c> of the debug tracing API (events behaviour, section 11), once, when the attempt ended.</summary>
internal static class TraceDocument
{
    /// <summary>Bodies are cut here, at a character's boundary; UTF-8 bytes.</summary>
    public const int BodyBytesMax = 64 << 10;

    /// <summary>What a header takes in memory besides its characters, about: an endpoint may send thousands of short ones.</summary>
    private const int HeaderBytes = 150;

    private static readonly JsonWriterOptions _options = new()
    {
        SkipValidation = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(
        Registration registration, string id, string eventCode, Exchange exchange, IReadOnlyList<TraceInsight> insights, DateTimeOffset storedAt)
    {
        var buffer = new ArrayBufferWriter<byte>(2_048 + exchange.Request.Body.Length);
        using (var json = new Utf8JsonWriter(buffer, _options))
        {
            json.WriteStartObject();
            json.WriteString("event"u8, eventCode);
            json.WriteString("id"u8, id);
            json.WriteString("date"u8, exchange.StartedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
            json.WriteString("clientId"u8, registration.ClientId.Value);
            json.WriteString("registrationId"u8, registration.Id.ToString());
            json.WriteStartObject("trace"u8);
            json.WriteNumber("ts"u8, storedAt.ToUnixTimeMilliseconds());
            json.WriteNumber("deliveryTime"u8, exchange.StartedAt.ToUnixTimeMilliseconds());
            WriteRequest(json, exchange.Request);
            WriteResponse(json, exchange);
            WriteInsights(json, insights);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>What an exchange takes in memory, about: its bodies, the response's headers, and some KB of the request's and its URL.</summary>
    public static int EstimateBytes(Exchange exchange) =>
        (4 << 10) + exchange.Request.Body.Length + exchange.ResponseBody.Length
        + exchange.ResponseHeaders.Sum(header => HeaderBytes + (sizeof(char) * (header.Key.Length + header.Value.Sum(value => value.Length))));

    /// <summary>As much of a UTF-8 text as fits, without half a character at its end.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> body)
    {
        if (body.Length <= BodyBytesMax)
        {
            return body;
        }

        var end = BodyBytesMax;
        while (end > BodyBytesMax - 4 && (body[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return body[..end];
    }

    private static void WriteRequest(Utf8JsonWriter json, OutgoingRequest request)
    {
        json.WriteStartObject("tracingRequest"u8);
        json.WriteString("requestUrl"u8, request.ShownUrl ?? request.Url.AbsoluteUri);
        json.WriteString("requestMethod"u8, request.Method.Method);
        // A challenge has no body, so it has no type; the description knows no null.
        json.WriteString("contentType"u8, request.ContentType ?? "");
        WriteText(json, "requestBody"u8, (request.ShownBody ?? request.Body).Span);
        json.WriteStartObject("requestHeaders"u8);
        WriteHeader(json, "host", [HostOf(request.Url)]);
        if (request.Method != HttpMethod.Get)
        {
            WriteHeader(json, "content-length", [request.Body.Length.ToString(CultureInfo.InvariantCulture)]);
        }

        if (request.ContentType is { } contentType)
        {
            WriteHeader(json, "content-type", [contentType]);
        }

        foreach (var (name, value) in request.Headers)
        {
            WriteHeader(json, name, [value]);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>As the client writes it: the port only where it is not the scheme's own.</summary>
    private static string HostOf(Uri url) => url.IsDefaultPort ? url.IdnHost : $"{url.IdnHost}:{url.Port}";

    private static void WriteResponse(Utf8JsonWriter json, Exchange exchange)
    {
        json.WriteStartObject("tracingResponse"u8);
        if (TextEncoding.Find(exchange) is { } encoding)
        {
            json.WriteString("responseBody"u8, Trim(Encoding.UTF8.GetBytes(encoding.GetString(exchange.ResponseBody.Span[..Math.Min(exchange.ResponseBody.Length, BodyBytesMax)]).TrimStart('\uFEFF'))));
        }
        else
        {
            WriteText(json, "responseBody"u8, exchange.ResponseBody.Span);
        }

        json.WriteNumber("responseCode"u8, exchange.Code);
        json.WriteNumber("responseTime"u8, (long)(exchange.EndedAt - exchange.StartedAt).TotalMilliseconds);
        json.WriteStartObject("responseHeaders"u8);
        foreach (var (name, values) in exchange.ResponseHeaders)
        {
            WriteHeader(json, name, values);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteInsights(Utf8JsonWriter json, IReadOnlyList<TraceInsight> insights)
    {
        json.WriteStartArray("insightsInfo"u8);
        foreach (var insight in insights)
        {
            json.WriteStartObject();
            json.WriteString("providerName"u8, insight.ProviderName);
            json.WriteString("eventCode"u8, insight.EventCode);
            json.WriteStartArray("eventIds"u8);
            foreach (var eventId in insight.EventIds)
            {
                json.WriteStringValue(eventId);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        var text = Trim(body);
        if (System.Text.Unicode.Utf8.IsValid(text))
        {
            json.WriteString(name, text);
        }
        else
        {
            // What stands for each byte that is no text is longer than it.
            json.WriteString(name, Trim(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text))));
        }
    }

    private static void WriteHeader(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
