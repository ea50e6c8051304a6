namespace Signalbox.Events.EventLog;

/// <summary>An event that was made durable.</summary>
public sealed record AcceptedEvent
{
    /// <summary>Its number in the order of commits; the journal's position is made of it.</summary>
    public required long Sequence { get; init; }

    /// <summary>The service's own id: <c>eventid</c>, the same for every recipient and attempt.</summary>
    public required Guid EventId { get; init; }

    public required string ProviderId { get; init; }

    public required string EventCode { get; init; }

    /// <summary>The CloudEvent as published, UTF-8 JSON, numbers and member order untouched.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>W3C trace context of the publish, or null.</summary>
    public string? TraceParent { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }
}
