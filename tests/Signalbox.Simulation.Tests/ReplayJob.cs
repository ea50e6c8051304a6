using Signalbox.Events.Replays;

namespace Signalbox.Simulation.Tests;

/// <summary>A row of the simulated table <c>replays</c>.</summary>
internal sealed class ReplayJob
{
    public required string Id { get; init; }

    public required long RegistrationKey { get; init; }

    /// <summary>Dead letters, or events of the journal.</summary>
    public required bool IsOfLetters { get; init; }

    public required long Until { get; init; }

    public long Cursor { get; set; }

    public long Queued { get; set; }

    public long Failed { get; set; }

    public ReplayState State { get; set; } = ReplayState.Running;

    public bool HasEnded => State is ReplayState.Done or ReplayState.Cancelled;

    public Replay Read(int outstanding) => new()
    {
        Key = 1,
        Id = Id,
        RegistrationKey = RegistrationKey,
        Kind = IsOfLetters ? ReplaySelection.Failed.Word : ReplaySelection.Range.Word,
        Asked = "{}",
        State = State,
        Cursor = Cursor,
        Until = Until,
        Total = 0,
        Queued = Queued,
        Skipped = 0,
        Failed = Failed,
        Outstanding = outstanding,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
