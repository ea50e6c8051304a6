using System.Buffers.Binary;

namespace Signalbox.Sandbox.Pool;

/// <summary>
/// A load or a run that is under way in a process. What waits for it goes on where <see cref="End"/> is called, which
/// spares a hop to another thread for each activation.
/// </summary>
internal sealed class ProcessCall : TaskCompletionSource<CallEnd>
{
    private const int LogHeadBytes = 9;
    private const int LargeResultBytes = 64 * 1024;

    private readonly ActivationLog _log;
    private readonly DateTimeOffset _started;
    private readonly TimeSpan _timeout;
    private readonly Action<ProcessCall> _timedOut;
    private ITimer? _deadline;

    public ProcessCall(uint number, ActivationLog log, DateTimeOffset started, TimeSpan timeout, Action<ProcessCall> timedOut)
    {
        Number = number;
        _log = log;
        _started = started;
        _timeout = timeout;
        _timedOut = timedOut;
    }

    public uint Number { get; }

    /// <summary>Sets the clock going. The call may have ended meanwhile.</summary>
    public void StartClock(TimeProvider time)
    {
        _deadline = time.CreateTimer(static call => ((ProcessCall)call!)._timedOut((ProcessCall)call), this, _timeout, Timeout.InfiniteTimeSpan);
        if (Task.IsCompleted)
        {
            _deadline.Dispose();
        }
    }

    /// <summary>Adds a line from a log frame's payload. Its time is this server's, measured in the process from the start.</summary>
    public void AddLine(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < LogHeadBytes)
        {
            return;
        }

        var elapsedMs = BinaryPrimitives.ReadDoubleLittleEndian(payload[1..]);
        if (!(elapsedMs >= 0))
        {
            elapsedMs = 0;
        }

        var elapsed = TimeSpan.FromMilliseconds(Math.Min(elapsedMs, _timeout.TotalMilliseconds));
        _log.Add(_started + elapsed, payload[0] == 0 ? LogStream.Stdout : LogStream.Stderr, payload[LogHeadBytes..]);
    }

    /// <summary>Ends the call, once. A large result is worked on by another thread, so that others need not wait for it.</summary>
    public void End(CallEnd end)
    {
        _deadline?.Dispose();
        if (end.Result.Length <= LargeResultBytes)
        {
            TrySetResult(end);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Call.TrySetResult(state.End), (Call: this, End: end), preferLocal: false);
        }
    }

    /// <summary>Gives the call its whole time once more.</summary>
    public void Postpone() => _deadline?.Change(_timeout, Timeout.InfiniteTimeSpan);

    public void TruncateLog() => _log.Truncate();
}
