using System.Text.Json;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Packages;

/// <summary>The shapes in which packages are shown (OpenWhisk behaviour, section 1.6).</summary>
internal static class PackageJson
{
    /// <param name="content">The actions of a GET; null leaves <c>actions</c> and <c>feeds</c> out.</param>
    public static void Write(
        Utf8JsonWriter writer, PackageEntity package, ParameterList parameters, IReadOnlyList<ActionEntity>? content)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace", package.Name.ParentPath);
        writer.WriteString("name", package.Name.Name);
        writer.WriteString("version", package.Version);
        writer.WriteBoolean("publish", package.Publish);
        writer.WriteNumber("updated", package.UpdatedMs);
        writer.WritePropertyName("annotations");
        package.Annotations.Write(writer);
        writer.WritePropertyName("parameters");
        parameters.Write(writer);
        writer.WritePropertyName("binding");
        WriteBinding(writer, package.Binding);
        if (content is not null)
        {
            WriteContent(writer, "actions", content.Where(action => !action.Annotations.IsTruthy("feed")));
            WriteContent(writer, "feeds", content.Where(action => action.Annotations.IsTruthy("feed")));
        }

        writer.WriteEndObject();
    }

    public static void WriteSummary(Utf8JsonWriter writer, PackageEntity package)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace", package.Name.ParentPath);
        writer.WriteString("name", package.Name.Name);
        writer.WriteString("version", package.Version);
        writer.WriteBoolean("publish", package.Publish);
        writer.WritePropertyName("annotations");
        package.Annotations.Write(writer);
        writer.WritePropertyName("binding");
        if (package.Binding is null)
        {
            // Clients print "binding" for everything that is not false.
            writer.WriteBooleanValue(false);
        }
        else
        {
            WriteBinding(writer, package.Binding);
        }

        writer.WriteNumber("updated", package.UpdatedMs);
        writer.WriteEndObject();
    }

    public static void WriteBinding(Utf8JsonWriter writer, EntityName? binding)
    {
        writer.WriteStartObject();
        if (binding is { } target)
        {
            writer.WriteString("namespace", target.Namespace);
            writer.WriteString("name", target.Name);
        }

        writer.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter writer, string name, IEnumerable<ActionEntity> actions)
    {
        writer.WriteStartArray(name);
        foreach (var action in actions)
        {
            writer.WriteStartObject();
            writer.WriteString("name", action.Name.Name);
            writer.WriteString("version", action.Version);
            writer.WritePropertyName("annotations");
            action.Annotations.Write(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
