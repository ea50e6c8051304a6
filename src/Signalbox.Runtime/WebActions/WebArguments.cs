using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.WebActions;

/// <summary>What a web request becomes as arguments (OpenWhisk behaviour, section 3.3).</summary>
internal sealed record WebArguments
{
    private const string Reserved = "__ow_";

    public required HttpRequest Request { get; init; }

    public required WebActionPath Path { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The namespace of a caller who signed in, or null.</summary>
    public string? User { get; init; }

    /// <summary>Headers that are this server's own business, lower case.</summary>
    public required IReadOnlySet<string> HiddenHeaders { get; init; }

    /// <summary>The payload: one JSON object in UTF-8.</summary>
    public Outcome<ReadOnlyMemory<byte>> ToPayload(ResolvedAction action)
    {
        MediaTypeHeaderValue.TryParse(Request.ContentType, out var type);
        return action.Action.Annotations.IsTruthy("raw-http") ? Raw(type) : Merged(action, type);
    }

    private ReadOnlyMemory<byte> Raw(MediaTypeHeaderValue? type) => Json.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("__ow_query"u8, Request.QueryString.HasValue ? Request.QueryString.Value![1..] : "");
        if (IsText(type) && Utf8.IsValid(Body.Span))
        {
            writer.WriteString("__ow_body"u8, Body.Span);
        }
        else
        {
            writer.WriteBase64String("__ow_body"u8, Body.Span);
        }

        WriteContext(writer);
        writer.WriteEndObject();
    });

    private Outcome<ReadOnlyMemory<byte>> Merged(ResolvedAction action, MediaTypeHeaderValue? type)
    {
        var fields = new Dictionary<string, StringValues>(Request.Query, StringComparer.Ordinal);
        JsonElement? json = null;
        if (!Body.IsEmpty && IsJson(type))
        {
            json = Utf8.IsValid(Body.Span) ? Json.TryParse(SurrogateEscapes.Mend(Body), out var fault) : Json.TryParse(default, out fault);
            if (json is null)
            {
                return Refusal.Malformed(fault!);
            }
        }
        else if (!Body.IsEmpty && IsForm(type))
        {
            foreach (var (name, values) in QueryHelpers.ParseQuery(Encoding.UTF8.GetString(Body.Span)))
            {
                fields[name] = values;
            }
        }

        var members = json is { ValueKind: JsonValueKind.Object } parsed ? parsed : (JsonElement?)null;
        var names = members is { } found ? fields.Keys.Concat(found.EnumerateObject().Select(member => member.Name)) : fields.Keys;
        if (names.Any(name => name.StartsWith(Reserved, StringComparison.Ordinal) || action.IsFinal(name)))
        {
            return Refusal.ReservedParameters;
        }

        return (ReadOnlyMemory<byte>)Json.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, values) in fields)
            {
                if (members?.TryGetProperty(name, out _) != true)
                {
                    writer.WriteString(name, values.Count > 0 ? values[^1] : "");
                }
            }

            WriteBody(writer, json, members, type);
            WriteContext(writer);
            writer.WriteEndObject();
        });
    }

    private void WriteBody(Utf8JsonWriter writer, JsonElement? json, JsonElement? members, MediaTypeHeaderValue? type)
    {
        if (members is { } found)
        {
            foreach (var member in found.EnumerateObject())
            {
                member.WriteTo(writer);
            }
        }
        else if (json is { } value)
        {
            writer.WritePropertyName("__ow_body");
            value.WriteTo(writer);
        }
        else if (!Body.IsEmpty && !IsForm(type))
        {
            if (IsText(type) && Utf8.IsValid(Body.Span))
            {
                writer.WriteString("__ow_body"u8, Body.Span);
            }
            else
            {
                writer.WriteBase64String("__ow_body"u8, Body.Span);
            }
        }
    }

    private void WriteContext(Utf8JsonWriter writer)
    {
        writer.WriteString("__ow_method", Request.Method.ToLowerInvariant());
        writer.WriteStartObject("__ow_headers");
        foreach (var (name, values) in Request.Headers)
        {
            var lower = name.ToLowerInvariant();
            if (!HiddenHeaders.Contains(lower))
            {
                writer.WriteString(lower, values.Count == 1 ? values[0] : string.Join(", ", values.ToArray()));
            }
        }

        writer.WriteEndObject();
        writer.WriteString("__ow_path", Path.Rest);
        if (User is not null)
        {
            writer.WriteString("__ow_user", User);
        }
    }

    private static bool IsJson(MediaTypeHeaderValue? type) => type is not null && WebMediaTypes.IsJson(type);

    private static bool IsForm(MediaTypeHeaderValue? type) =>
        type is not null && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static bool IsText(MediaTypeHeaderValue? type) =>
        type is not null && !WebMediaTypes.IsJson(type) && WebMediaTypes.IsText(type);
}
