using System.Buffers.Binary;

namespace Signalbox.Sandbox.Pool;

/// <summary>A load or a run that is under way in a process.</summary>
internal sealed class ProcessCall : TaskCompletionSource<CallEnd>
{
    private const int LogHeadBytes = 9;

    private readonly ActivationLog _log;
    private readonly DateTimeOffset _started;
    private readonly TimeSpan _timeout;
    private readonly Action<ProcessCall> _timedOut;

    public ProcessCall(uint number, ActivationLog log, DateTimeOffset started, TimeSpan timeout, Action<ProcessCall> timedOut)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Number = number;
        _log = log;
        _started = started;
        _timeout = timeout;
        _timedOut = timedOut;
    }

    public uint Number { get; }

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

    public void TimeOut() => _timedOut(this);

    public void TruncateLog() => _log.Truncate();
}
