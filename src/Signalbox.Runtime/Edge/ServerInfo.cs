using System.Text.Json;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Limits;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Edge;

/// <summary>What anybody may know of the server: <c>GET /</c> and <c>GET /api/v1</c> (OpenWhisk behaviour, section 0).</summary>
internal sealed class ServerInfo(IActionSandbox sandbox, EffectiveLimits limits)
{
    private const long MegaByte = 1024 * 1024;
    private const string MainFamily = "nodejs";

    public void WriteRoot(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("description", "OpenWhisk");
        writer.WriteStartObject("support");
        writer.WriteString("github", "https://github.com/apache/openwhisk/issues");
        writer.WriteString("slack", "http://slack.openwhisk.org");
        writer.WriteEndObject();
        writer.WriteStartArray("api_paths");
        writer.WriteStringValue("/api/v1");
        writer.WriteEndArray();
        WriteLimits(writer);
        WriteRuntimes(writer);
        writer.WriteEndObject();
    }

    public static void WriteApi(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("description", "OpenWhisk API");
        writer.WriteString("api_version", "1.0.0");
        writer.WriteString("api_version_path", "v1");
        writer.WriteString("build", "signalbox");
        writer.WriteString("buildno", typeof(ServerInfo).Assembly.GetName().Version?.ToString(3) ?? "0");
        writer.WriteStartObject("swagger_paths");
        writer.WriteString("ui", "/docs");
        writer.WriteString("api-docs", "/api-docs");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteLimits(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("limits");
        writer.WriteNumber("actions_per_minute", limits.InvocationsPerMinute);
        writer.WriteNumber("triggers_per_minute", limits.FiresPerMinute);
        writer.WriteNumber("concurrent_actions", limits.ConcurrentInvocations);
        writer.WriteNumber("sequence_length", limits.SequenceLengthMax);
        writer.WriteNumber("default_min_action_duration", EffectiveLimits.ActionTimeoutMsMin);
        writer.WriteNumber("default_max_action_duration", limits.ActionTimeoutMsMax);
        writer.WriteNumber("default_min_action_memory", EffectiveLimits.ActionMemoryMbMin * MegaByte);
        writer.WriteNumber("default_max_action_memory", limits.ActionMemoryMbMax * MegaByte);
        writer.WriteNumber("default_min_action_logs", EffectiveLimits.ActionLogsMbMin * MegaByte);
        writer.WriteNumber("default_max_action_logs", EffectiveLimits.ActionLogsMbMax * MegaByte);
        writer.WriteNumber("min_action_duration", EffectiveLimits.ActionTimeoutMsMin);
        writer.WriteNumber("max_action_duration", limits.ActionTimeoutMsMax);
        writer.WriteNumber("min_action_memory", EffectiveLimits.ActionMemoryMbMin * MegaByte);
        writer.WriteNumber("max_action_memory", limits.ActionMemoryMbMax * MegaByte);
        writer.WriteNumber("min_action_logs", EffectiveLimits.ActionLogsMbMin * MegaByte);
        writer.WriteNumber("max_action_logs", EffectiveLimits.ActionLogsMbMax * MegaByte);
        writer.WriteEndObject();
    }

    private void WriteRuntimes(Utf8JsonWriter writer)
    {
        var listed = sandbox.Kinds.Where(kind => kind.Missing is null).ToList();
        writer.WriteStartObject("runtimes");
        foreach (var family in listed.GroupBy(kind => kind.Family))
        {
            writer.WriteStartArray(family.Key);
            foreach (var kind in family)
            {
                WriteKind(writer, kind, kind.IsDefault);
            }

            if (family.Key == MainFamily)
            {
                // aio looks for every kind in this one list, and refuses to deploy what it does not find there.
                foreach (var kind in listed.Where(kind => kind.Family != MainFamily))
                {
                    WriteKind(writer, kind, isDefault: false);
                }
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteKind(Utf8JsonWriter writer, SandboxKind kind, bool isDefault)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", kind.Name);
        writer.WriteString("image", "signalbox/" + kind.Name.Replace(':', '-'));
        writer.WriteBoolean("deprecated", kind.IsDeprecated);
        writer.WriteBoolean("default", isDefault);
        writer.WriteBoolean("attached", false);
        writer.WriteNumber("stemCells", 0);
        writer.WriteEndObject();
    }
}
