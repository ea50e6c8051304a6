namespace Signalbox.Events.DeadLetters;

/// <summary>A page of dead letters, newest first.</summary>
public sealed record DeadLetterListing(IReadOnlyList<DeadLetterEntry> Items, bool HasOlder)
{
    /// <summary>Counting a reason ends here: as many, or more.</summary>
    public const int CountMax = 1_000;

    /// <summary>How many there are of each reason that has any, whatever the filter; <see cref="CountMax"/> means at least so many.</summary>
    public required IReadOnlyList<(DeadLetterReason Reason, int Count)> Counts { get; init; }

    /// <summary>How many of the oldest were dropped because there were too many.</summary>
    public required long Dropped { get; init; }
}

/// <summary>A dead letter with its event, which is null when that is gone.</summary>
public sealed record DeadLetterEntry(DeadLetter Letter, Guid? EventId, string? EventCode);
