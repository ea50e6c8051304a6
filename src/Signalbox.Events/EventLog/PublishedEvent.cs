using Signalbox.Events.Registrations;

namespace Signalbox.Events.EventLog;

/// <summary>An event that waits to be made durable.</summary>
internal sealed record PublishedEvent(string ProviderId, Audience Audience, byte[] Payload, string? TraceParent)
{
    /// <summary>What a later event with the same source and id is known by; null when it is stored however often it comes.</summary>
    public PublishedKey? Key { get; init; }
}
