namespace Signalbox.Events.Stories;

/// <summary>A row of <c>deliveries</c>, as a story needs it.</summary>
internal sealed class OwedRow
{
    public long RegistrationKey { get; init; }

    public int RetryCount { get; init; }

    public long? FirstAttemptAt { get; init; }

    public long NextAttemptAt { get; init; }

    public string? ReplayId { get; init; }

    public DateTimeOffset NextAttempt => DateTimeOffset.FromUnixTimeMilliseconds(NextAttemptAt);

    public DateTimeOffset? FirstAttempt => FirstAttemptAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
