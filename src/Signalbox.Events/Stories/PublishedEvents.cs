namespace Signalbox.Events.Stories;

/// <summary>The events that publishers gave one id, newest first. The body of the search for stories.</summary>
public sealed record PublishedEvents
{
    /// <summary>How many of them a search tells.</summary>
    public const int ToldMax = 20;

    public required IReadOnlyList<PublishedEventName> Events { get; init; }
}

/// <summary>Names one event, so that its story can be asked for.</summary>
public sealed record PublishedEventName
{
    /// <summary>The service's id of the event.</summary>
    public required Guid EventId { get; init; }

    public required string ProviderId { get; init; }

    public required string EventCode { get; init; }

    /// <summary>When it was durable and acknowledged.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }
}
