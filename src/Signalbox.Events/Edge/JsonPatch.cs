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
/// A body that is one operation rather than an array is taken as an array of it.
/// </summary>
internal sealed class JsonPatch
{
    private const int OperationsMax = 1_000;

    /// <summary>A copy can double what it is made in, so a few dozen of them could fill any memory.</summary>
    private const int CopiesMax = 32;

    private readonly JsonPatchDocument _document;

    private JsonPatch(JsonPatchDocument document) => _document = document;

    /// <summary>Reads the patch of a request.</summary>
    public static async Task<Outcome<JsonPatch>> ReadAsync(HttpContext context)
    {
        var contentType = context.Request.ContentType;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var media)
            || !(media.MediaType.Equals("application/json-patch+json", StringComparison.OrdinalIgnoreCase)
                || media.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)))
        {
            return ApiRefusal.UnsupportedMediaType(FieldChecks.Shown(contentType ?? ""), "application/json-patch+json");
        }

        return (await RequestBody.ReadAsync(context, RequestBody.ManagementBytesMax)).IsRefused(out var refusal, out var body)
            ? refusal
            : Parse(body);
    }

    /// <summary>What the patch makes of a model, which stays as it is. The same patch may be applied to several.</summary>
    public Outcome<T> ApplyTo<T>(T current, JsonTypeInfo<T> type)
        where T : class
    {
        var target = JsonSerializer.SerializeToNode(current, type)!.AsObject();
        return Apply(target) is { } objection
            ? objection
            : RequestBody.Parse(JsonSerializer.SerializeToUtf8Bytes(target), type);
    }

    private static Outcome<JsonPatch> Parse(byte[] body)
    {
        try
        {
            // The description calls a patch an object, so clients that were generated from it send one operation as it is.
            var isOne = body.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
            var document = JsonSerializer.Deserialize<JsonPatchDocument>(isOne ? [(byte)'[', .. body, (byte)']'] : body);
            if (document is null || document.Operations.Count > OperationsMax)
            {
                return ApiRefusal.BadRequest($"The body must be a JSON array of at most {OperationsMax} patch operations.");
            }

            if (document.Operations.Find(o => o is not { OperationType: not OperationType.Invalid }) is { } unknown)
            {
                return ApiRefusal.BadRequest($"'{FieldChecks.Shown(unknown.op ?? "")}' is no patch operation. Use add, remove, replace, move, copy or test.");
            }

            return document.Operations.Count(o => o.OperationType == OperationType.Copy) > CopiesMax
                ? ApiRefusal.BadRequest($"The patch has more than {CopiesMax} 'copy' operations. Use 'add' with the values.")
                : new JsonPatch(document);
        }
        catch (JsonException)
        {
            return ApiRefusal.BadRequest("""The body is not a JSON Patch. Send an array such as [{"op":"replace","path":"/label","value":"New"}].""");
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            return Malformed;
        }
    }

    private ApiRefusal? Apply(JsonObject target)
    {
        try
        {
            ApiRefusal? refusal = null;
            foreach (var operation in _document.Operations)
            {
                new JsonPatchDocument([operation], _document.SerializerOptions)
                    .ApplyTo(target, error => refusal ??= ApiRefusal.BadRequest("The patch cannot be applied: " + error.ErrorMessage));
                if (refusal is not null)
                {
                    return refusal;
                }

                if (operation.OperationType == OperationType.Copy && JsonSerializer.SerializeToUtf8Bytes(target).Length > RequestBody.ManagementBytesMax)
                {
                    return ApiRefusal.BadRequest($"The patch makes more than {RequestBody.ManagementBytesMax} bytes of the resource. Copy less.");
                }
            }

            return null;
        }
        catch (Exception exception) when (exception is JsonException || IsMalformed(exception))
        {
            return Malformed;
        }
    }

    private static ApiRefusal Malformed =>
        ApiRefusal.BadRequest("The patch cannot be applied: an operation is malformed. Each needs 'op', 'path', and 'value' or 'from'.");

    /// <summary>The library reports some malformed operations (no path, no value, an unknown op) by these.</summary>
    private static bool IsMalformed(Exception exception) => exception is JsonPatchException or InvalidOperationException or ArgumentException
        or FormatException or NotSupportedException or InvalidCastException or NullReferenceException;
}
