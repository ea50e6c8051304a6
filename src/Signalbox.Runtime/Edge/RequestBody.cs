using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Signalbox.Sockets;

namespace Signalbox.Runtime.Edge;

/// <summary>Reads bodies up to a limit, and says what is wrong with them.</summary>
internal static class RequestBody
{
    private const int FirstReadBytes = 16 * 1024;
    private const int LargeBytes = 64 * 1024;

    /// <summary>The whole body, or 413.</summary>
    public static async Task<Outcome<ReadOnlyMemory<byte>>> ReadAsync(HttpContext context, long bytesMax)
    {
        // The limit is enforced here, with the text that clients know, rather than by the web server.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }

        var announced = context.Request.ContentLength;
        if (announced > bytesMax)
        {
            return Refusal.TooLarge("Request", announced.Value, bytesMax);
        }

        if (announced == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        if (announced <= FirstReadBytes && TryRead(context, (int)announced, out var whole))
        {
            return whole;
        }

        var buffer = new byte[announced ?? FirstReadBytes];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length == announced)
                {
                    break;
                }

                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, bytesMax + 1));
            }

            var read = await ReadSomeAsync(context, buffer.AsMemory(length));
            if (read == 0)
            {
                break;
            }

            length += read;
            if (length > bytesMax)
            {
                return Refusal.TooLarge("Request", length, bytesMax);
            }
        }

        return (ReadOnlyMemory<byte>)buffer.AsMemory(0, length);
    }

    private static async ValueTask<int> ReadSomeAsync(HttpContext context, Memory<byte> buffer)
    {
        try
        {
            return await context.Request.Body.ReadAsync(buffer, context.RequestAborted);
        }
        catch (IOException exception) when (exception.InnerException is OverflowException)
        {
            throw new BadHttpRequestException("A chunk says that it is larger than any can be.", exception);
        }
    }

    /// <summary>A payload of an invocation: one JSON object in UTF-8, checked but not taken apart; nothing means <c>{}</c>.</summary>
    public static async Task<Outcome<ReadOnlyMemory<byte>>> ReadPayloadAsync(HttpContext context, long bytesMax)
    {
        if ((await ReadAsync(context, bytesMax)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        if (body.IsEmpty)
        {
            return Json.EmptyObject;
        }

        if (body.Length > LargeBytes)
        {
            // Looking through it takes longer than a loop has.
            await PoolThread.Switch();
        }

        return IsJson(context.Request) ? CheckObject(SurrogateEscapes.Mend(WithoutByteOrderMark(body))) : Refusal.UnsupportedContentType;
    }

    /// <summary>The body of a PUT: a JSON object.</summary>
    public static async Task<Outcome<JsonElement>> ReadObjectAsync(HttpContext context, long bytesMax)
    {
        if ((await ReadAsync(context, bytesMax)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        if (body.IsEmpty)
        {
            return Refusal.BadRequest("Request entity expected but not supplied");
        }

        if (!IsJson(context.Request))
        {
            return Refusal.UnsupportedContentType;
        }

        body = SurrogateEscapes.Mend(WithoutByteOrderMark(body));
        if (!Utf8.IsValid(body.Span))
        {
            return Refusal.Malformed("The text is not valid UTF-8.");
        }

        return Json.TryParse(body, out var error) switch
        {
            null => Refusal.Malformed(error!),
            { ValueKind: JsonValueKind.Object } found => found,
            { ValueKind: var kind } => Refusal.Malformed($"Object expected, found {kind}"),
        };
    }

    public static Outcome<ReadOnlyMemory<byte>> CheckObject(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return Refusal.Malformed("The text is not valid UTF-8.");
        }

        try
        {
            var reader = new Utf8JsonReader(body.Span);
            if (!reader.Read())
            {
                return Refusal.Malformed("Unexpected end-of-input");
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Refusal.Malformed("Object expected");
            }

            reader.Skip();
            return reader.Read() ? Refusal.Malformed("There is text after the JSON value.") : body;
        }
        catch (JsonException exception)
        {
            return Refusal.Malformed(exception.Message);
        }
    }

    /// <summary>The body, if all of it came with the head, as small ones do: then nothing has to be waited for.</summary>
    private static bool TryRead(HttpContext context, int length, out ReadOnlyMemory<byte> body)
    {
        body = default;
        var reader = context.Request.BodyReader;
        if (!reader.TryRead(out var result))
        {
            return false;
        }

        if (result.Buffer.Length < length)
        {
            reader.AdvanceTo(result.Buffer.Start);
            return false;
        }

        body = result.Buffer.ToArray();
        reader.AdvanceTo(result.Buffer.End);
        return true;
    }

    private static bool IsJson(HttpRequest request) =>
        request.ContentType == "application/json"
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase));

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
}
