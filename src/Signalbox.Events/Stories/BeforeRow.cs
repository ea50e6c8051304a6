namespace Signalbox.Events.Stories;

/// <summary>The first event that is owed to a registration with ordered delivery: those behind it wait.</summary>
internal sealed class BeforeRow
{
    public string EventId { get; init; } = "";

    public int RetryCount { get; init; }

    public long NextAttemptAt { get; init; }

    public DateTimeOffset NextAttempt => DateTimeOffset.FromUnixTimeMilliseconds(NextAttemptAt);
}
