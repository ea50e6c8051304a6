using System.Text.Json;

namespace Signalbox.Runtime.Edge;

/// <summary><c>{"error", "code"}</c>: the form of every error.</summary>
internal static class ErrorBody
{
    public static void Write(Utf8JsonWriter writer, string error, string transactionId)
    {
        writer.WriteStartObject();
        writer.WriteString("error", error);
        writer.WriteString("code", transactionId);
        writer.WriteEndObject();
    }
}
