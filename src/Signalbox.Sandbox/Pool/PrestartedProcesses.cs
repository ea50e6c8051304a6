using Microsoft.Extensions.Logging;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Pool;

/// <summary>
/// Processes that wait for code, so that a cold start costs the loading alone. They hold their share of the memory
/// budget, hand it over with the process, and give it back when actions need it more.
/// </summary>
internal sealed partial class PrestartedProcesses
{
    private readonly ProcessFactory _factory;
    private readonly MemoryBudget _budget;
    private readonly List<(Interpreter Interpreter, int MemoryMb, int Count)> _wanted = [];
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<(Interpreter Interpreter, SandboxProcess Process)> _waiting = [];
    private readonly HashSet<Task> _starting = [];
    private bool _stopped;

    public PrestartedProcesses(ProcessFactory factory, MemoryBudget budget, ILogger logger)
    {
        _factory = factory;
        _budget = budget;
        _logger = logger;
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>From the next <see cref="Refill"/> on, so many processes of this kind and size are kept.</summary>
    public void Want(Interpreter interpreter, int memoryMb, int count)
    {
        lock (_gate)
        {
            _wanted.Add((interpreter, memoryMb, count));
        }
    }

    /// <summary>A process that waits, with its memory reserved; null when there is none of this kind and size.</summary>
    public SandboxProcess? TryTake(Interpreter interpreter, int memoryMb)
    {
        lock (_gate)
        {
            var at = _waiting.FindIndex(waiting =>
                waiting.Interpreter == interpreter && waiting.Process.MemoryMb == memoryMb && waiting.Process.IsUsable);
            if (at < 0)
            {
                return null;
            }

            var process = _waiting[at].Process;
            _waiting.RemoveAt(at);
            return process;
        }
    }

    /// <summary>Ends all that wait: their memory is needed. True when there were any.</summary>
    public bool GiveUp()
    {
        List<SandboxProcess> given;
        lock (_gate)
        {
            given = [.. _waiting.Select(waiting => waiting.Process)];
            _waiting.Clear();
        }

        foreach (var process in given)
        {
            _budget.Release(process.MemoryMb);
            process.Kill();
        }

        return given.Count > 0;
    }

    /// <summary>Starts what is missing, in the background; nothing while the memory is needed for actions.</summary>
    public void Refill()
    {
        lock (_gate)
        {
            RemoveEnded();
            foreach (var (interpreter, memoryMb, count) in _wanted)
            {
                var present = _waiting.Count(waiting => waiting.Interpreter == interpreter && waiting.Process.MemoryMb == memoryMb);
                for (var missing = count - present - _starting.Count; missing > 0 && !_stopped && _budget.TryReserve(memoryMb); missing--)
                {
                    var start = StartAsync(interpreter, memoryMb);
                    _starting.Add(start);
                    _ = start.ContinueWith(Started, TaskScheduler.Default);
                }
            }
        }
    }

    /// <summary>Ends all, those on their way up included, and waits for it.</summary>
    public async Task StopAsync()
    {
        Task[] starting;
        lock (_gate)
        {
            _stopped = true;
            starting = [.. _starting];
        }

        await Task.WhenAll(starting);
        List<SandboxProcess> waiting;
        lock (_gate)
        {
            waiting = [.. _waiting.Select(entry => entry.Process)];
        }

        GiveUp();
        await Task.WhenAll(waiting.Select(process => process.Ended));
    }

    private void Started(Task start)
    {
        lock (_gate)
        {
            _starting.Remove(start);
        }
    }

    private void RemoveEnded() => _waiting.RemoveAll(waiting =>
    {
        if (waiting.Process.IsUsable)
        {
            return false;
        }

        _budget.Release(waiting.Process.MemoryMb);
        return true;
    });

    private async Task StartAsync(Interpreter interpreter, int memoryMb)
    {
        await Task.Yield();
        try
        {
            var process = await _factory.StartAsync(interpreter, memoryMb);
            lock (_gate)
            {
                _waiting.Add((interpreter, process));
            }
        }
        catch (ProcessStartException exception)
        {
            _budget.Release(memoryMb);
            Log.NotStarted(_logger, interpreter.Kind.Name, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Warning, "No process for {Kind} could be started ahead: {Reason}")]
        public static partial void NotStarted(ILogger logger, string kind, string reason);
    }
}
