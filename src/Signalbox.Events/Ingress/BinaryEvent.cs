using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Ingress;

/// <summary>
/// A CloudEvent in binary mode: attributes in headers that begin with <c>ce-</c>, data in the body (CloudEvents HTTP
/// binding 1.0, section 3.1). It is rewritten in structured mode, in which everything else reads it.
/// </summary>
internal static class BinaryEvent
{
    private const string Prefix = "ce-";

    private static readonly string[] _core = ["ce-specversion", "ce-id", "ce-source", "ce-type"];

    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>True when the request has one of the headers that every event in binary mode has.</summary>
    public static bool IsMeant(IHeaderDictionary headers)
    {
        foreach (var name in _core)
        {
            if (headers.ContainsKey(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same event in structured mode. Only what would change its form is checked here; the data stay as written.</summary>
    public static Outcome<byte[]> ToStructured(IHeaderDictionary headers, string? contentType, ReadOnlySpan<byte> body)
    {
        if (FindDataFault(body) is { } fault)
        {
            return fault;
        }

        var buffer = new ArrayBufferWriter<byte>(512 + body.Length);
        using var writer = new Utf8JsonWriter(buffer, _options);
        writer.WriteStartObject();
        foreach (var header in headers)
        {
            if (!header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var name = header.Key[Prefix.Length..].ToLowerInvariant();
            if (name is "data" or "data_base64")
            {
                return ApiRefusal.BadField(name, $"The header '{header.Key}' is no attribute: in binary mode the data are the body.");
            }

            if (name == "datacontenttype")
            {
                return ApiRefusal.BadField(name, $"The header '{header.Key}' is no attribute: in binary mode the content type says it.");
            }

            if (header.Value.Count != 1)
            {
                return ApiRefusal.BadField(name, $"The header '{header.Key}' is given {header.Value.Count} times. Give it once.");
            }

            if (!HeaderText.TryDecode(header.Value.ToString(), out var text))
            {
                return ApiRefusal.BadField(
                    name, $"The header '{header.Key}' cannot be decoded: a percent sign goes before two hexadecimal digits, the bytes are UTF-8, and a quote is closed.");
            }

            writer.WriteString(name, text);
        }

        if (contentType is not null)
        {
            writer.WriteString("datacontenttype"u8, contentType);
        }

        if (!body.IsEmpty)
        {
            writer.WritePropertyName("data"u8);
            writer.WriteRawValue(body, skipInputValidation: true);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Looks at the data alone, so that they cannot end the event that they are written into.</summary>
    private static ApiRefusal? FindDataFault(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return null;
        }

        if (!Utf8.IsValid(body))
        {
            return ApiRefusal.BadField("data", "The body is not valid UTF-8.");
        }

        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = CloudEventReader.DepthMax - 1 });
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException exception)
        {
            return ApiRefusal.BadField("data", JsonProblem.Explain(body, exception, around: 1));
        }
    }
}
