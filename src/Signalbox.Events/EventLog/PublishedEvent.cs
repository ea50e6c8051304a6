using Signalbox.Events.Registrations;

namespace Signalbox.Events.EventLog;

/// <summary>An event that waits to be made durable.</summary>
internal sealed record PublishedEvent(string ProviderId, Audience Audience, byte[] Payload, string? TraceParent)
{
    /// <summary>What its source and id are known by; null for samples, which are stored however often they come.</summary>
    public PublishedKey? Key { get; init; }
}
