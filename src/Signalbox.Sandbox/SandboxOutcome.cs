namespace Signalbox.Sandbox;

/// <summary>How one run ended. The runtime room turns it into an activation's response and texts.</summary>
public enum SandboxStatus
{
    /// <summary>The action answered; <see cref="SandboxOutcome.Result"/> is its JSON, of any type.</summary>
    Answered,

    /// <summary>The code could not be loaded; <see cref="SandboxOutcome.Message"/> says why, as the runtime printed it.</summary>
    LoadFailed,

    /// <summary>The process ended while loading the code.</summary>
    LoadCrashed,

    /// <summary>Loading took longer than the action's timeout.</summary>
    LoadTimedOut,

    /// <summary>The action threw, or answered what is no dictionary; <see cref="SandboxOutcome.Message"/> is the error text.</summary>
    RunFailed,

    /// <summary>The process ended during the run.</summary>
    RunCrashed,

    /// <summary>The run took longer than the action's timeout; the process was ended.</summary>
    RunTimedOut,

    /// <summary>The process exceeded its memory, loading or running.</summary>
    OutOfMemory,

    /// <summary>No process could be started (<see cref="SandboxOutcome.Message"/>).</summary>
    NotProvisioned,

    /// <summary>All memory is taken: the queue for a place is full, or none came free in time.</summary>
    Overloaded,
}

/// <summary>Which stream of the action a line was printed to.</summary>
public enum LogStream
{
    Stdout,
    Stderr,
}

/// <summary>One line that an action printed.</summary>
public readonly record struct LogLine(DateTimeOffset Time, LogStream Stream, string Text);

/// <summary>What one run left behind.</summary>
public sealed record SandboxOutcome
{
    public required SandboxStatus Status { get; init; }

    /// <summary>The JSON that the action answered, UTF-8, when <see cref="SandboxStatus.Answered"/>; otherwise empty.</summary>
    public ReadOnlyMemory<byte> Result { get; init; }

    /// <summary>The error text for the failing statuses.</summary>
    public string? Message { get; init; }

    /// <summary>In the order of printing, cut at the action's log limit.</summary>
    public IReadOnlyList<LogLine> Logs { get; init; } = [];

    /// <summary>True when lines were left out because of the log limit.</summary>
    public bool LogsTruncated { get; init; }

    /// <summary>When loading (cold) or running (warm) began.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>When the answer was complete.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>Time from the request to <see cref="Start"/>: queueing and process start.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>Time of loading the code; null when the process had it loaded (warm).</summary>
    public TimeSpan? Init { get; init; }
}
