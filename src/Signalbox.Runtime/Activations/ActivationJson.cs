using System.Text.Json;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Activations;

/// <summary>The shapes in which activations are shown (OpenWhisk behaviour, section 1.7).</summary>
internal static class ActivationJson
{
    public static void WriteRecord(Utf8JsonWriter writer, Activation activation, ReadOnlyMemory<byte> logs)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace"u8, activation.Namespace);
        writer.WriteString("name"u8, activation.Name);
        writer.WriteString("version"u8, activation.Version);
        writer.WriteString("subject"u8, activation.Subject);
        writer.WriteString("activationId"u8, activation.Id);
        WriteTimes(writer, activation);
        writer.WritePropertyName("response"u8);
        WriteResponse(writer, activation);
        writer.WriteRaw("logs", logs);
        writer.WriteRaw("annotations", activation.Annotations);
        writer.WriteBoolean("publish"u8, false);
        writer.WriteEndObject();
    }

    public static void WriteSummary(Utf8JsonWriter writer, Activation activation)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace"u8, activation.Namespace);
        writer.WriteString("name"u8, activation.Name);
        writer.WriteString("version"u8, activation.Version);
        writer.WriteBoolean("publish"u8, false);
        writer.WriteRaw("annotations", activation.Annotations);
        writer.WriteString("activationId"u8, activation.Id);
        WriteTimes(writer, activation);
        writer.WriteNumber("statusCode"u8, (int)activation.Status);
        writer.WriteEndObject();
    }

    /// <summary>The answer of <c>/result</c> and the record's <c>response</c>.</summary>
    public static void WriteResponse(Utf8JsonWriter writer, Activation activation)
    {
        writer.WriteStartObject();
        writer.WriteString("status"u8, StatusText(activation.Status));
        writer.WriteBoolean("success"u8, activation.IsSuccess);
        writer.WriteRaw("result", activation.Result);
        writer.WriteNumber("size"u8, activation.ResultSize);
        writer.WriteEndObject();
    }

    private static void WriteTimes(Utf8JsonWriter writer, Activation activation)
    {
        writer.WriteNumber("start"u8, activation.StartMs);
        writer.WriteNumber("end"u8, activation.EndMs);
        writer.WriteNumber("duration"u8, activation.DurationMs);
        if (activation.Cause is { } cause)
        {
            writer.WriteString("cause"u8, cause);
        }
    }

    public static string StatusText(ActivationStatus status) => status switch
    {
        ActivationStatus.Success => "success",
        ActivationStatus.ApplicationError => "application error",
        ActivationStatus.DeveloperError => "action developer error",
        _ => "whisk internal error",
    };
}
