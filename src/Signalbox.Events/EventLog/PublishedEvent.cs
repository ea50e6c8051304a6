using Signalbox.Events.Registrations;

namespace Signalbox.Events.EventLog;

/// <summary>An event that waits to be made durable.</summary>
internal sealed record PublishedEvent(string ProviderId, Audience Audience, byte[] Payload, string? TraceParent);
