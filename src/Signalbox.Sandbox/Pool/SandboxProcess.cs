using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Signalbox.Sandbox.Inspection;
using Signalbox.Sandbox.Isolation;
using Signalbox.Sandbox.Protocol;

namespace Signalbox.Sandbox.Pool;

/// <summary>
/// One process with its launcher connected: takes code once, then runs. Every call ends exactly once, whatever the
/// process does; after the process's end its files and its control group are removed.
/// </summary>
internal sealed class SandboxProcess : IFrameReceiver
{
    private const string HeapExhausted = "heap out of memory";

    private static readonly Task<CallEnd> _notBegun = Task.FromResult(new CallEnd(CallStatus.NotBegun));

    private static readonly TimeSpan _exitPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _removalPause = TimeSpan.FromMilliseconds(20);
    private const int RemovalAttempts = 50;

    private readonly Process _process;
    private readonly ProcessFolder _folder;
    private readonly ControlGroup? _group;
    private readonly LauncherConnection _connection;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, ProcessCall> _calls = [];
    private readonly RunContext _context = new();
    private readonly Action<ProcessCall> _timeOut;
    private readonly ProcessTree _tree;
    private readonly ProcessPause _pause = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _lastNumber;
    private bool _closed;
    private volatile bool _usable = true;
    private volatile bool _exceededMemory;
    private volatile bool _stalled;
    private volatile bool _isShared;
    private volatile Inspector? _inspector;
    private bool _answersPings;
    private long _pingedAt;
    private long _idleSince;

    public SandboxProcess(
        Process process, ProcessFolder folder, ControlGroup? group, Socket socket, int interpreterPid, int memoryMb, TimeProvider time)
    {
        _process = process;
        _folder = folder;
        _group = group;
        _time = time;
        InterpreterPid = interpreterPid;
        MemoryMb = memoryMb;
        _timeOut = TimeOut;
        _tree = new ProcessTree(process.Id, group);
        _connection = new LauncherConnection(socket, this);
        _connection.Open();
    }

    public int InterpreterPid { get; }

    public int MemoryMb { get; }

    public ProcessFolder Folder => _folder;

    public string CodeFolder => _folder.CodeFolder;

    /// <summary>True while a debugger is attached: what stands at a breakpoint is neither late nor stalled.</summary>
    public bool IsInspected => _inspector is { IsOpen: true };

    /// <summary>False once it timed out, failed or ended: no further call may begin.</summary>
    public bool IsUsable => _usable;

    /// <summary>True while one activation keeps the process from answering its heartbeat.</summary>
    public bool IsStalled => _stalled;

    /// <summary>True while a call is under way.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count > 0;
            }
        }
    }

    /// <summary>True while everything in it is stopped, because no activation runs.</summary>
    public bool IsPaused
    {
        get
        {
            lock (_gate)
            {
                return _pause.IsOn;
            }
        }
    }

    /// <summary>Completes when the launcher waits for code; fails when the process ended before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes when the process is gone and nothing of it is left. Never fails.</summary>
    public Task Ended => _ended.Task;

    public async Task<CallEnd> LoadAsync(SandboxedAction action, SandboxRequest request, ActivationLog log)
    {
        if (_inspector is { } inspector)
        {
            // Breakpoints are to stand before the first line runs.
            await inspector.MayLoadAsync();
        }

        // An archive's files are in place already; only source text travels.
        _isShared = action.Concurrency > 1;
        var code = action.IsBinary ? [] : Encoding.UTF8.GetBytes(action.Code);
        return await CallAsync(new Call(action, request, log, code));
    }

    /// <summary>The sandbox's processes as the host counts them, this one and its children among them.</summary>
    public IReadOnlySet<int> List(ProcessTable table) => _tree.List(table);

    public Task<CallEnd> RunAsync(SandboxedAction action, SandboxRequest request, ActivationLog log) =>
        CallAsync(new Call(action, request, log, null));

    /// <summary>Tells the launcher, which waits for code, to connect its inspector.</summary>
    public void AskForInspector()
    {
        if (_connection.EnqueueEmpty(FrameType.Inspect))
        {
            _connection.Flush();
        }
    }

    /// <summary>The inspector is connected.</summary>
    public Inspector Inspected(Inspector inspector)
    {
        _inspector = inspector;
        return inspector;
    }

    /// <summary>Ends the process; its calls end as crashed. <see cref="Ended"/> follows.</summary>
    public void Kill()
    {
        _usable = false;
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself.
        }

        _connection.Dispose();
    }

    /// <summary>Ends a process that takes more memory than it may, where the kernel does not.</summary>
    public void KillForMemory()
    {
        _exceededMemory = true;
        Kill();
    }

    /// <summary>
    /// Asks a process with several activations at once whether it still turns, and notes when it has not answered for
    /// so long. Launchers that never answered are not asked to: they are not held to it.
    /// </summary>
    public void Heartbeat(TimeSpan stallTimeout)
    {
        lock (_gate)
        {
            if (_closed || !_isShared || _pause.IsOn)
            {
                return;
            }

            if (IsInspected)
            {
                // Counted anew from the moment when the debugger has gone.
                _pingedAt = _pingedAt == 0 ? 0 : TimeProvider.System.GetTimestamp();
                _stalled = false;
                return;
            }

            if (_pingedAt != 0)
            {
                _stalled = _answersPings && TimeProvider.System.GetElapsedTime(_pingedAt) >= stallTimeout;
                return;
            }

            if (_calls.Count == 0 && _answersPings)
            {
                return;
            }

            if (!Ping())
            {
                return;
            }
        }

        _connection.Flush();
    }

    /// <summary>Stops the process when no activation has run in it for so long. One that has no code yet does nothing by itself.</summary>
    public void PauseIfIdle(TimeSpan grace, ProcessTable table)
    {
        lock (_gate)
        {
            if (!IsIdle(grace) || _pause.IsFirm)
            {
                return;
            }
        }

        // The look takes a moment, which no activation shall wait for.
        var found = _tree.List(table);
        lock (_gate)
        {
            if (IsIdle(grace))
            {
                _pause.Tighten(found);
            }
        }
    }

    public void OnFrame(FrameType type, uint activation, ReadOnlySpan<byte> payload)
    {
        if (type == FrameType.Ready)
        {
            _ready.TrySetResult();
            return;
        }

        if (type == FrameType.Pong)
        {
            Answered();
            return;
        }

        ProcessCall? call;
        var ends = type is FrameType.Loaded or FrameType.LoadFailed or FrameType.Answer or FrameType.RunFailed or FrameType.RunCrashed;
        lock (_gate)
        {
            if (!(ends ? _calls.Remove(activation, out call) : _calls.TryGetValue(activation, out call)))
            {
                return;
            }

            NoteIdle();
        }

        switch (type)
        {
            case FrameType.Log:
                call.AddLine(payload);
                break;
            case FrameType.LogsTruncated:
                call.TruncateLog();
                break;
            case FrameType.Loaded:
                call.End(new CallEnd(CallStatus.Done, payload.IsEmpty ? default : payload.ToArray()));
                break;
            case FrameType.Answer:
                call.End(new CallEnd(CallStatus.Done, payload.ToArray()));
                break;
            case FrameType.RunCrashed:
                _usable = false;
                call.End(new CallEnd(CallStatus.Crashed));
                break;
            case FrameType.LoadFailed or FrameType.RunFailed:
                call.End(new CallEnd(CallStatus.Failed, Message: Encoding.UTF8.GetString(payload)));
                break;
        }
    }

    public void OnClosed()
    {
        Kill();
        _ = EndAsync();
    }

    private Task<CallEnd> CallAsync(in Call call)
    {
        var timeout = call.Action.Timeout;
        var started = _time.GetUtcNow();
        ProcessCall pending;
        bool mustFlush;
        lock (_gate)
        {
            if (_closed || !_usable)
            {
                return _notBegun;
            }

            GoOn();
            pending = new ProcessCall(++_lastNumber, call.Log, started, timeout, _timeOut);
            _calls.Add(pending.Number, pending);
            mustFlush = Enqueue(call, pending.Number, started + timeout);
        }

        if (mustFlush)
        {
            _connection.Flush();
        }

        pending.StartClock(_time);
        return pending.Task;
    }

    private bool IsIdle(TimeSpan grace) =>
        !_closed && _usable && !IsInspected && _calls.Count == 0 && _idleSince != 0 && TimeProvider.System.GetElapsedTime(_idleSince) >= grace;

    private void NoteIdle()
    {
        if (_calls.Count == 0)
        {
            _idleSince = TimeProvider.System.GetTimestamp();
        }
    }

    private void GoOn()
    {
        if (_pause.IsOn)
        {
            _pause.End();
            // It could not answer meanwhile.
            _pingedAt = _pingedAt == 0 ? 0 : TimeProvider.System.GetTimestamp();
        }
    }

    /// <summary>
    /// The first one follows the code, so that a launcher is known to answer before any run can keep it from it. True
    /// asks for a flush.
    /// </summary>
    private bool Ping()
    {
        _pingedAt = TimeProvider.System.GetTimestamp();
        return _connection.EnqueueEmpty(FrameType.Ping);
    }

    private void Answered()
    {
        lock (_gate)
        {
            _answersPings = true;
            _pingedAt = 0;
            _stalled = false;
        }
    }

    private bool Enqueue(in Call call, uint number, DateTimeOffset deadline)
    {
        if (call.Code is not null)
        {
            var mustFlush = _connection.Enqueue(FrameType.Load, number, _context.Load(call.Action, call.Request, deadline), call.Code);
            return (_isShared && Ping()) | mustFlush;
        }

        var head = _context.Run(call.Request, deadline);
        var type = _context.HasNewVariables ? FrameType.RunWithNewVariables : FrameType.Run;
        return _connection.Enqueue(type, number, head, call.Request.Arguments.Span);
    }

    private void TimeOut(ProcessCall call)
    {
        lock (_gate)
        {
            if (IsInspected)
            {
                call.Postpone();
                return;
            }

            if (!_calls.Remove(call.Number))
            {
                return;
            }

            NoteIdle();
        }

        // The others in this process may still come to their own end; the pool ends it after them. If this one holds
        // the event loop, they cannot.
        _usable = false;
        call.End(new CallEnd(CallStatus.TimedOut));
        if (_stalled)
        {
            Kill();
        }
    }

    private async Task EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(_exitPatience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // Stuck in the kernel; its calls must not wait for that.
        }

        var status = HasExceededMemory() ? CallStatus.OutOfMemory : CallStatus.Crashed;
        List<ProcessCall> calls;
        lock (_gate)
        {
            _closed = true;
            calls = [.. _calls.Values];
            _calls.Clear();
        }

        foreach (var call in calls)
        {
            call.End(new CallEnd(status));
        }

        _ready.TrySetException(new ProcessStartException($"The process ended before it was ready: {_folder.ReadOutputTail().Trim()}"));
        _ = _ready.Task.Exception;
        await RemoveAsync();
        _ended.SetResult();
    }

    private bool HasExceededMemory() =>
        _exceededMemory
        || _group?.HasRunOutOfMemory() == true
        || _folder.ReadOutputTail().Contains(HeapExhausted, StringComparison.Ordinal);

    private async Task RemoveAsync()
    {
        _process.Dispose();
        _folder.Delete();
        for (var attempt = 0; attempt < RemovalAttempts && _group?.TryRemove() == false; attempt++)
        {
            // The kernel takes a moment to end what the namespace's first process leaves behind.
            await Task.Delay(_removalPause, TimeProvider.System);
        }
    }

    /// <summary>What a frame to the launcher says; a load carries code.</summary>
    private readonly record struct Call(SandboxedAction Action, SandboxRequest Request, ActivationLog Log, byte[]? Code);
}
