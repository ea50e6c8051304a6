using Signalbox.Events.Stories;

namespace Signalbox.Events.Tracing;

/// <summary>A trace that is ready to be written.</summary>
internal sealed record PreparedTrace
{
    /// <summary>Whose it is, and how it ended: what is counted and pruned together.</summary>
    public required (long RegistrationKey, bool IsSuccess) Kind { get; init; }

    /// <summary>The values of its row.</summary>
    public required IReadOnlyList<object?> Row { get; init; }

    /// <summary>Older ones of its kind go with it.</summary>
    public required bool Prunes { get; init; }

    /// <summary>What the stories of its events keep, when it is written with the trace.</summary>
    public IReadOnlyList<RecordedAttempt> Attempts { get; init; } = [];
}
