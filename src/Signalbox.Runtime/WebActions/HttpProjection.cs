using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.WebActions;

/// <summary>The <c>.http</c> extension: <c>{statusCode, headers, body}</c> (OpenWhisk behaviour, section 3.4).</summary>
internal static class HttpProjection
{
    private static readonly Refusal _notHttp = Refusal.BadRequest("Response is not valid 'message/http'.");

    private static readonly Refusal _unknownType = Refusal.BadRequest("Response did not specify a known content-type.");

    private static readonly Refusal _typeMismatch =
        Refusal.BadRequest("Response type in header did not match generated content type.");

    /// <summary>Headers that only the web server may set.</summary>
    private static readonly HashSet<string> _ownHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer", "te", "date", "server",
        "x-openwhisk-activation-id", "x-request-id",
    };

    public static WebResponse Project(JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object
            || !TryReadStatus(result, out var status)
            || !TryReadHeaders(result, out var headers, out var contentType))
        {
            return _notHttp;
        }

        if (!result.TryGetProperty("body", out var body)
            || body.ValueKind == JsonValueKind.Null
            || (body.ValueKind == JsonValueKind.String && body.GetString()!.Length == 0))
        {
            return new WebResponse { Status = status ?? 204, Headers = headers };
        }

        MediaTypeHeaderValue? type = null;
        if (contentType is not null && !MediaTypeHeaderValue.TryParse(contentType, out type))
        {
            return _unknownType;
        }

        var response = new WebResponse { Status = status ?? 200, Headers = headers };
        return body.ValueKind == JsonValueKind.String
            ? WithText(response, body.GetString()!, contentType, type)
            : WithJson(response, body, contentType, type);
    }

    private static WebResponse WithJson(WebResponse response, JsonElement body, string? contentType, MediaTypeHeaderValue? type) =>
        type is not null && !WebMediaTypes.IsJson(type)
            ? _typeMismatch
            : response with { ContentType = contentType ?? "application/json", Body = Encoding.UTF8.GetBytes(body.GetRawText()) };

    private static WebResponse WithText(WebResponse response, string body, string? contentType, MediaTypeHeaderValue? type)
    {
        if (type is null)
        {
            return response with { ContentType = "text/html; charset=UTF-8", Body = Encoding.UTF8.GetBytes(body) };
        }

        if (WebMediaTypes.IsText(type))
        {
            return response with { ContentType = contentType, Body = Encoding.UTF8.GetBytes(body) };
        }

        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(body.Length)];
        if (Convert.TryFromBase64String(body, decoded, out var length))
        {
            return response with { ContentType = contentType, Body = decoded.AsMemory(0, length) };
        }

        return WebMediaTypes.IsJson(type)
            ? response with { ContentType = contentType, Body = Encoding.UTF8.GetBytes(body) }
            : _typeMismatch;
    }

    /// <summary>A number or a text of digits; three digits, and none that a final response cannot have.</summary>
    private static bool TryReadStatus(JsonElement result, out int? status)
    {
        status = null;
        if (!result.TryGetProperty("statusCode", out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        var isNumber = given.ValueKind switch
        {
            JsonValueKind.Number => given.TryGetInt32(out var number) && Set(number, out status),
            JsonValueKind.String => int.TryParse(given.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && Set(number, out status),
            _ => false,
        };
        return isNumber && status is >= 200 and <= 999;
    }

    private static bool Set(int number, out int? status)
    {
        status = number;
        return true;
    }

    private static bool TryReadHeaders(
        JsonElement result, out List<(string Name, string[] Values)> headers, out string? contentType)
    {
        headers = [];
        contentType = null;
        if (!result.TryGetProperty("headers", out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var header in given.EnumerateObject())
        {
            if (!TryReadValues(header.Value, out var values) || !IsToken(header.Name) || values.Any(value => !IsFieldValue(value)))
            {
                return false;
            }

            if (header.Name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
            {
                contentType = values.Length > 0 ? values[^1] : null;
            }
            else if (values.Length > 0 && !_ownHeaders.Contains(header.Name))
            {
                headers.Add((header.Name, values));
            }
        }

        return true;
    }

    private static bool TryReadValues(JsonElement value, out string[] values)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            values = [.. value.EnumerateArray().Select(Text).OfType<string>()];
            return values.Length == value.GetArrayLength();
        }

        values = Text(value) is { } text ? [text] : [];
        return values.Length == 1;
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    private static bool IsToken(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));

    private static bool IsFieldValue(string value) => value.All(c => c is '\t' or (>= ' ' and <= '~'));
}
