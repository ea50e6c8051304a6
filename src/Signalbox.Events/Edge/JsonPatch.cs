using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson.Exceptions;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson.Operations;
using Microsoft.Net.Http.Headers;

namespace Signalbox.Events.Edge;

/// <summary>
/// JSON Patch (RFC 6902) over the model of an update: the model is written as JSON, patched, and read again as a
/// <c>PUT</c> body would be, so that both ways obey the same rules.
/// </summary>
internal static class JsonPatch
{
    private const int OperationsMax = 1_000;

    public static async Task<Outcome<T>> ReadAndApplyAsync<T>(HttpContext context, T current, JsonTypeInfo<T> type)
        where T : class
    {
        var contentType = context.Request.ContentType;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var media)
            || !(media.MediaType.Equals("application/json-patch+json", StringComparison.OrdinalIgnoreCase)
                || media.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)))
        {
            return ApiRefusal.UnsupportedMediaType(FieldChecks.Shown(contentType ?? ""), "application/json-patch+json");
        }

        if ((await RequestBody.ReadAsync(context, RequestBody.ManagementBytesMax)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        var target = JsonSerializer.SerializeToNode(current, type)!.AsObject();
        return Apply(body, target) is { } objection
            ? objection
            : RequestBody.Parse(JsonSerializer.SerializeToUtf8Bytes(target), type);
    }

    private static ApiRefusal? Apply(byte[] body, JsonObject target)
    {
        try
        {
            var patch = JsonSerializer.Deserialize<JsonPatchDocument>(body);
            if (patch is null || patch.Operations.Count > OperationsMax)
            {
                return ApiRefusal.BadRequest($"The body must be a JSON array of at most {OperationsMax} patch operations.");
            }

            if (patch.Operations.Find(o => o is not { OperationType: not OperationType.Invalid }) is { } unknown)
            {
                return ApiRefusal.BadRequest($"'{FieldChecks.Shown(unknown.op ?? "")}' is no patch operation. Use add, remove, replace, move, copy or test.");
            }

            ApiRefusal? refusal = null;
            patch.ApplyTo(target, error => refusal ??= ApiRefusal.BadRequest("The patch cannot be applied: " + error.ErrorMessage));
            return refusal;
        }
        catch (JsonException)
        {
            return ApiRefusal.BadRequest("""The body is not a JSON Patch. Send an array such as [{"op":"replace","path":"/label","value":"New"}].""");
        }
        catch (Exception exception) when (exception is JsonPatchException or InvalidOperationException or ArgumentException
            or FormatException or NotSupportedException or InvalidCastException or NullReferenceException)
        {
            // The library reports some malformed operations (no path, no value, an unknown op) by these.
            return ApiRefusal.BadRequest("The patch cannot be applied: an operation is malformed. Each needs 'op', 'path', and 'value' or 'from'.");
        }
    }
}
