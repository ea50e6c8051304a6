using System.Text.Json.Nodes;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Replays;

/// <summary>A replay's resource, read for showing.</summary>
internal sealed class ReplayView(JsonNode resource)
{
    public string Id => (string)resource["id"]!;

    public bool IsEnded => resource["ended_date"] is not null;

    /// <summary>It was cancelled, or events of it ended without success.</summary>
    public bool IsFailed => (string?)resource["state"] is "cancelling" or "cancelled" || (long)resource["failed"]! > 0;

    /// <summary>What it delivers again, and how far it is.</summary>
    public string Line => $"{Id}  {(string?)resource["state"],-10} {Selection}  {Progress}";

    /// <summary>The same for whoever watches it and knows what it delivers.</summary>
    public string ProgressLine => $"{(string?)resource["state"],-10} {Progress}";

    /// <summary>For one that was started just now: its state says nothing yet.</summary>
    public string StartLine => (long)resource["total"]! == 0 ? "Nothing to deliver again." : Line;

    private string Progress =>
        $"{resource["delivered"]} of {resource["total"]} delivered, {resource["failed"]} failed, {resource["skipped"]} skipped, {resource["outstanding"]} under way{(resource["held"]?["why"] is { } why ? $"  {Screen.Harmless(why.ToString())}" : "")}";

    private string Selection => Asked("event_id") is { } id ? $"event {id}"
        : Asked("from") is { } from ? $"events from {from} to {Asked("to")}"
        : resource["asked"] is JsonObject { Count: > 0 }
            ? $"dead letters{Worded(" of reason ", "reason")}{Worded(" since ", "failed_since")}{Worded(" before ", "failed_before")}"
            : "all dead letters";

    private string Worded(string words, string member) => Asked(member) is { } value ? words + value : "";

    private string? Asked(string member) => (string?)resource["asked"]?[member] is { } value ? Screen.Harmless(value) : null;
}
