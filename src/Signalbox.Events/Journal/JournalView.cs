namespace Signalbox.Events.Journal;

/// <summary>Some events of a journal, newest first.</summary>
public sealed record JournalView(IReadOnlyList<JournaledEvent> Items)
{
    public bool HasNewer { get; init; }

    public bool HasOlder { get; init; }
}

/// <summary>An event as a reader of the journal gets it.</summary>
public sealed record JournaledEvent
{
    /// <summary>Its place, for the journal's <c>since</c>.</summary>
    public required string Position { get; init; }

    public required Guid EventId { get; init; }

    public required string EventCode { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The event with what the service adds, as JSON text.</summary>
    public required string Json { get; init; }
}
