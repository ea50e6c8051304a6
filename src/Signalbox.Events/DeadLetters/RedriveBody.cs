using System.Text.Json.Serialization;
using Signalbox.Events.Edge;

namespace Signalbox.Events.DeadLetters;

/// <summary>Which dead letters are redriven. A misspelt member is refused: without it, more would be meant.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RedriveBody
{
    public string? Reason { get; init; }

    /// <summary>Dead since then.</summary>
    public string? From { get; init; }

    /// <summary>Dead before then.</summary>
    public string? To { get; init; }

    /// <summary>All of them, in place of the others.</summary>
    public bool? All { get; init; }

    public Outcome<DeadLetterFilter> Select() => DeadLetterFilter.ParseChoice(Reason, From, To, All == true);
}
