using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Signalbox.Events.Edge;

/// <summary>Reads request bodies whole, below a limit, and as JSON; whatever is wrong with them becomes a refusal.</summary>
internal static class RequestBody
{
    /// <summary>Largest body of a management call, in bytes: a registration with 1,000 interests fits many times.</summary>
    public const int ManagementBytesMax = 1 << 20;

    /// <summary>The body as a model. Unknown members are ignored; duplicates are refused.</summary>
    public static async Task<Outcome<T>> ReadJsonAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if ((await ReadJsonBytesAsync(context)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        return Parse(body, type);
    }

    /// <summary>The body as UTF-8, after a check of its content type and size.</summary>
    public static async Task<Outcome<byte[]>> ReadJsonBytesAsync(HttpContext context)
    {
        var contentType = context.Request.ContentType;
        if (!string.IsNullOrEmpty(contentType) && !IsJson(contentType))
        {
            return ApiRefusal.UnsupportedMediaType(FieldChecks.Shown(contentType), "application/json");
        }

        return await ReadAsync(context, ManagementBytesMax);
    }

    public static Outcome<T> Parse<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        if (body.IsEmpty)
        {
            return ApiRefusal.BadRequest("The body is empty. Send a JSON object.");
        }

        if (!Utf8.IsValid(body))
        {
            return ApiRefusal.BadRequest("The body is not valid UTF-8.");
        }

        try
        {
            return JsonSerializer.Deserialize(body, type) is { } value
                ? value
                : ApiRefusal.BadRequest("The body is JSON null. Send a JSON object.");
        }
        catch (JsonException exception)
        {
            return Refuse(exception);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: well-formed JSON that is not text.
            return ApiRefusal.BadRequest("A string of the body holds half of a surrogate pair. Send whole characters.");
        }
    }

    public static ApiRefusal Refuse(JsonException exception)
    {
        var field = exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;
        var place = $"line {(exception.LineNumber ?? 0) + 1}, byte {(exception.BytePositionInLine ?? 0) + 1}";
        return field is null
            ? ApiRefusal.BadRequest($"The body is not the JSON that is expected here, at {place}.")
            : ApiRefusal.BadField(field, $"'{FieldChecks.Shown(field)}' {JsonFault.Explain(exception)}, at {place}.");
    }

    /// <summary>The whole body, in an array of its own.</summary>
    public static ValueTask<Outcome<byte[]>> ReadAsync(HttpContext context, int bytesMax)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return new ValueTask<Outcome<byte[]>>(ApiRefusal.UnsupportedContentEncoding(FieldChecks.Shown(encoding)));
        }

        if (context.Request.ContentLength > bytesMax)
        {
            return new ValueTask<Outcome<byte[]>>(ApiRefusal.TooLarge(bytesMax));
        }

        // Most bodies have arrived with their headers: then nothing waits and nothing is allocated but the array.
        var reader = context.Request.BodyReader;
        if (context.Request.ContentLength is { } length && reader.TryRead(out var result))
        {
            if (result.IsCompleted || result.Buffer.Length >= length)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return new ValueTask<Outcome<byte[]>>(body);
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        return ReadSlowAsync(context, bytesMax);
    }

    private static async ValueTask<Outcome<byte[]>> ReadSlowAsync(HttpContext context, int bytesMax)
    {
        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(context.RequestAborted);
                if (result.Buffer.Length > bytesMax)
                {
                    reader.AdvanceTo(result.Buffer.End);
                    return ApiRefusal.TooLarge(bytesMax);
                }

                if (result.IsCompleted)
                {
                    var body = result.Buffer.ToArray();
                    reader.AdvanceTo(result.Buffer.End);
                    return body;
                }

                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
        }
        catch (BadHttpRequestException exception)
        {
            // The server's own refusals while reading: a broken chunk, a body that stops early or comes too slowly. Nobody knows
            // where the next request would begin.
            context.Response.Headers.Connection = "close";
            return new ApiRefusal(exception.StatusCode, "The body could not be read: " + exception.Message);
        }
        catch (IOException exception) when (exception.InnerException is OverflowException)
        {
            context.Response.Headers.Connection = "close";
            return ApiRefusal.BadRequest("The body could not be read: a chunk says that it is larger than any can be.");
        }
    }

    private static bool IsJson(string contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));
}
