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

    public string Line =>
        $"{Id}  {(string?)resource["state"],-10} {Json.OneLine(resource["asked"])}  {resource["delivered"]} of {resource["total"]} delivered, {resource["failed"]} failed, {resource["skipped"]} skipped, {resource["outstanding"]} under way";

    /// <summary>For one that was started just now: its state says nothing yet.</summary>
    public string StartLine => (long)resource["total"]! == 0 ? "Nothing to deliver again." : Line;
}
