using Signalbox.Events.Replays;

namespace Signalbox.Events.Stories;

/// <summary>A row of <c>replays</c>, as a story needs it.</summary>
internal sealed class ReplayRow
{
    public long RegistrationKey { get; init; }

    public string Id { get; init; } = "";

    public string Kind { get; init; } = "";

    public string State { get; init; } = "";

    public long CreatedAt { get; init; }

    public long? EndedAt { get; init; }

    /// <summary>1 when it has not come to the event yet.</summary>
    public int IsAhead { get; init; }

    public ReplayState StateValue => ReplayWords.ToState(State);

    public DateTimeOffset Started => DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt);

    public DateTimeOffset? Ended => EndedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
