using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Developer.Logs;

/// <summary>An action's error as people read it: the stack when there is one, else the message, else its JSON.</summary>
internal static class ErrorText
{
    public static string Of(string error)
    {
        try
        {
            return JsonNode.Parse(error) is JsonObject parsed ? StackOf(parsed) ?? (string?)parsed["message"] ?? error : error;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return error;
        }
    }

    /// <summary>The stack trace that an error carries, or null.</summary>
    public static string? StackOf(JsonNode? error) =>
        error is JsonObject thrown && thrown["stack"] is JsonValue value && value.TryGetValue<string>(out var stack) ? stack : null;
}
