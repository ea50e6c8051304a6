using System.Text.Json;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Actions;

/// <summary>The shapes in which actions are shown (OpenWhisk behaviour, section 1.5).</summary>
internal static class ActionJson
{
    public static void Write(Utf8JsonWriter writer, ActionEntity action, ParameterList parameters, bool withCode)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace", action.Name.ParentPath);
        writer.WriteString("name", action.Name.Name);
        writer.WriteString("version", action.Version);
        writer.WriteBoolean("publish", action.Publish);
        writer.WriteNumber("updated", action.UpdatedMs);
        writer.WritePropertyName("exec");
        WriteExec(writer, action.Exec, withCode);
        writer.WritePropertyName("parameters");
        parameters.Write(writer);
        writer.WritePropertyName("limits");
        WriteLimits(writer, action.Limits);
        writer.WritePropertyName("annotations");
        action.Annotations.Write(writer);
        writer.WriteEndObject();
    }

    public static void WriteSummary(Utf8JsonWriter writer, ActionEntity action)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace", action.Name.ParentPath);
        writer.WriteString("name", action.Name.Name);
        writer.WriteString("version", action.Version);
        writer.WriteBoolean("publish", action.Publish);
        writer.WritePropertyName("annotations");
        action.Annotations.Write(writer);
        writer.WritePropertyName("limits");
        WriteLimits(writer, action.Limits);
        writer.WriteStartObject("exec");
        writer.WriteBoolean("binary", action.Exec.IsBinary);
        writer.WriteEndObject();
        writer.WriteNumber("updated", action.UpdatedMs);
        writer.WriteEndObject();
    }

    public static void WriteLimits(Utf8JsonWriter writer, ActionLimits limits)
    {
        writer.WriteStartObject();
        writer.WriteNumber("timeout", limits.TimeoutMs);
        writer.WriteNumber("memory", limits.MemoryMb);
        writer.WriteNumber("logs", limits.LogsMb);
        writer.WriteNumber("concurrency", limits.Concurrency);
        writer.WriteEndObject();
    }

    /// <summary>The parameter that every sequence shows: <c>_actions</c>, its components.</summary>
    public static ParameterList ParametersOfSequence(ActionExec exec) =>
        ParameterList.Empty.With("_actions", RuntimeJson.Parse(Json.Write(writer => WriteComponents(writer, exec))));

    private static void WriteExec(Utf8JsonWriter writer, ActionExec exec, bool withCode)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", exec.Kind);
        if (exec.IsSequence)
        {
            writer.WritePropertyName("components");
            WriteComponents(writer, exec);
        }
        else if (withCode && !exec.IsSystem)
        {
            writer.WriteString("code", exec.Code);
        }

        if (exec.Main is { } main)
        {
            writer.WriteString("main", main);
        }

        if (!exec.IsSequence)
        {
            writer.WriteBoolean("binary", exec.IsBinary);
        }

        writer.WriteEndObject();
    }

    private static void WriteComponents(Utf8JsonWriter writer, ActionExec exec)
    {
        writer.WriteStartArray();
        foreach (var component in exec.Components)
        {
            writer.WriteStringValue(component.ToString());
        }

        writer.WriteEndArray();
    }
}
