namespace Signalbox.Events.Stories;

/// <summary>What became of one event, from its acceptance to what comes next. The body of the story API.</summary>
public sealed record EventStory
{
    /// <summary>The service's id of the event.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The id that its publisher gave it.</summary>
    public string? Id { get; init; }

    public required string ProviderId { get; init; }

    public required string EventCode { get; init; }

    /// <summary>When it was durable and acknowledged.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    public required int PayloadBytes { get; init; }

    public string? Traceparent { get; init; }

    /// <summary>The story's time: what is due before it is late.</summary>
    public required DateTimeOffset ToldAt { get; init; }

    /// <summary>One for each registration that matched, in the order in which they were made.</summary>
    public required IReadOnlyList<DeliveryStory> Deliveries { get; init; }

    /// <summary>
    /// Registrations that have an interest in it and did not get it, such as those whose filter dropped it; absent when there
    /// are none.
    /// </summary>
    public IReadOnlyList<PassedOverStory>? PassedOver { get; init; }

    /// <summary>How many more there are of these; absent when all are told.</summary>
    public int? PassedOverMore { get; init; }
}
