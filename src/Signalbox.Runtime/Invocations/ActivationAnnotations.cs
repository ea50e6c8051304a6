using System.Text.Json;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Invocations;

/// <summary>The annotations of activation records (OpenWhisk behaviour, section 1.7).</summary>
internal static class ActivationAnnotations
{
    public static byte[] OfAction(Invocation invocation, bool timedOut, long waitMs, long? initMs)
    {
        // Warm runs differ in a wait of a few milliseconds only.
        var kept = invocation.Action.WarmAnnotations;
        return timedOut || initMs is not null || invocation.Cause is not null || waitMs < 0 || waitMs >= kept.Length
            ? WriteOfAction(invocation, timedOut, waitMs, initMs)
            : kept[waitMs] ??= WriteOfAction(invocation, timedOut, waitMs, initMs);
    }

    public static byte[] OfSequence(Invocation invocation, byte[] limitsJson) => Json.Write(writer =>
    {
        writer.WriteStartArray();
        Write(writer, "topmost"u8, invocation.Cause is null);
        WriteShared(writer, invocation.Action, limitsJson);
        if (invocation.Cause is not null)
        {
            Write(writer, "causedBy"u8, "sequence");
        }

        Write(writer, "waitTime"u8, 0L);
        writer.WriteEndArray();
    });

    private static byte[] WriteOfAction(Invocation invocation, bool timedOut, long waitMs, long? initMs) => Json.Write(writer =>
    {
        writer.WriteStartArray();
        WriteShared(writer, invocation.Action, invocation.Action.LimitsJson);
        Write(writer, "timeout"u8, timedOut);
        Write(writer, "waitTime"u8, waitMs);
        if (initMs is { } init)
        {
            Write(writer, "initTime"u8, init);
        }

        if (invocation.Cause is not null)
        {
            Write(writer, "causedBy"u8, "sequence");
        }

        writer.WriteEndArray();
    });

    private static void WriteShared(Utf8JsonWriter writer, ResolvedAction action, byte[] limitsJson)
    {
        Write(writer, "path"u8, action.Action.Name.Path);
        Write(writer, "kind"u8, action.Action.Exec.Kind);
        writer.WriteStartObject();
        writer.WriteString("key"u8, "limits"u8);
        writer.WriteRaw("value", limitsJson);
        writer.WriteEndObject();
        if (action.Binding is { } binding)
        {
            Write(writer, "binding"u8, binding.Name.Path);
        }
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> key, string value)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key);
        writer.WriteString("value"u8, value);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> key, long value)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key);
        writer.WriteNumber("value"u8, value);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> key, bool value)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key);
        writer.WriteBoolean("value"u8, value);
        writer.WriteEndObject();
    }
}
