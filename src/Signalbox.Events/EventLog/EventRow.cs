namespace Signalbox.Events.EventLog;

/// <summary>A row of <c>events</c>.</summary>
internal sealed class EventRow
{
    /// <summary>For queries that call the table <c>e</c>.</summary>
    public const string Columns =
        """
        e.event_seq AS Sequence, e.event_id AS EventId, e.provider_id AS ProviderId, e.event_code AS EventCode,
        e.payload AS Payload, e.trace_parent AS TraceParent, e.received_at AS ReceivedAt
        """;

    public long Sequence { get; init; }
    public string EventId { get; init; } = "";
    public string ProviderId { get; init; } = "";
    public string EventCode { get; init; } = "";
    public byte[] Payload { get; init; } = [];
    public string? TraceParent { get; init; }
    public long ReceivedAt { get; init; }

    public AcceptedEvent ToEvent() => new()
    {
        Sequence = Sequence,
        EventId = Guid.Parse(EventId),
        ProviderId = ProviderId,
        EventCode = EventCode,
        Payload = Payload,
        TraceParent = TraceParent,
        ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(ReceivedAt),
    };
}
