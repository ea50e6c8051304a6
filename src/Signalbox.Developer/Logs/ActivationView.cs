using System.Text.Json.Nodes;

namespace Signalbox.Developer.Logs;

/// <summary>An activation's record, read for showing.</summary>
internal sealed class ActivationView(JsonObject record)
{
    public JsonObject Record { get; } = record;

    public string Id => (string?)Record["activationId"] ?? "";

    public bool IsSuccess => (bool?)Record["response"]?["success"] ?? (int?)Record["statusCode"] is 0;

    public string Status => (string?)Record["response"]?["status"] ?? (IsSuccess ? "success" : "failed");

    public JsonNode? Result => Record["response"]?["result"];

    public long StartMs => (long?)Record["start"] ?? 0;

    public long DurationMs => (long?)Record["duration"] ?? 0;

    /// <summary>From the request to the start, in milliseconds.</summary>
    public long WaitMs => (long?)Annotation("waitTime") ?? 0;

    /// <summary>Of loading the code; null when it was loaded already.</summary>
    public long? InitMs => (long?)Annotation("initTime");

    public bool IsSequence => (string?)Annotation("kind") == "sequence";

    /// <summary>The action without its namespace, with the version that ran.</summary>
    public string Action
    {
        get
        {
            var path = (string?)Annotation("path") ?? $"_/{(string?)Record["name"]}";
            return $"{path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..]}@{(string?)Record["version"]}";
        }
    }

    /// <summary>Log lines; of a sequence, the ids of its components' activations.</summary>
    public IReadOnlyList<string> Logs => [.. (Record["logs"] as JsonArray ?? []).Select(line => (string?)line ?? "")];

    private JsonNode? Annotation(string key) =>
        (Record["annotations"] as JsonArray)?.FirstOrDefault(item => (string?)item?["key"] == key)?["value"];
}
