using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Pool;

/// <summary>
/// One process's seat in the pool: made for one action before the process exists, so that the memory is accounted
/// for and others can join while it loads. Counts are guarded by <see cref="Places"/>.
/// </summary>
internal sealed class Place
{
    private readonly TaskCompletionSource<CallEnd> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _loadClaimed;

    public required SandboxedAction Action { get; init; }

    public required Interpreter Interpreter { get; init; }

    /// <summary>The process: pre-started, or set once started.</summary>
    public SandboxProcess? Process { get; set; }

    /// <summary>Completes when <see cref="Process"/> was started by somebody who does not load; null: whoever loads starts it.</summary>
    public TaskCompletionSource? Opening { get; init; }

    public int Running { get; set; }

    public long LastUsed { get; set; }

    /// <summary>True: no further activation; the process ends when the last one has.</summary>
    public bool IsClosing { get; set; }

    /// <summary>
    /// How loading ended. <see cref="CallStatus.NotBegun"/> with a message: no process could be started.
    /// </summary>
    public Task<CallEnd> Loaded => _loaded.Task;

    public bool IsLoaded => _loaded.Task is { IsCompletedSuccessfully: true, Result.Status: CallStatus.Done };

    public bool HasRoom => !IsClosing && Running < Action.Concurrency && Process is not ({ IsUsable: false } or { IsStalled: true }) && !HasFailed;

    public bool IsIdle => Running == 0;

    private bool HasFailed => _loaded.Task is { IsCompletedSuccessfully: true, Result.Status: not CallStatus.Done };

    /// <summary>True for the one caller that has to load the code.</summary>
    public bool TryClaimLoad() => Interlocked.Exchange(ref _loadClaimed, 1) == 0;

    public void LoadEnded(CallEnd end) => _loaded.TrySetResult(end);
}
