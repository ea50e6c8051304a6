using Microsoft.Extensions.Logging;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Pool;

/// <summary>
/// Processes that wait for code, so that a cold start costs the loading alone: of each kind and size that is wanted by
/// setting, and of those that actions used lately. They hold their share of the memory budget, hand it over with the
/// process, and give it back when actions need it more.
/// </summary>
internal sealed partial class PrestartedProcesses
{
    private const int CountOfUsedShape = 1;

    private readonly ProcessFactory _factory;
    private readonly MemoryBudget _budget;
    private readonly SandboxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<Shape, int> _wanted = [];
    private readonly Dictionary<Shape, long> _usedAt = [];
    private readonly Dictionary<Shape, int> _starting = [];
    private readonly List<(Shape Shape, SandboxProcess Process)> _waiting = [];
    private readonly HashSet<Task> _starts = [];
    private bool _stopped;

    public PrestartedProcesses(ProcessFactory factory, MemoryBudget budget, SandboxOptions options, TimeProvider time, ILogger logger)
    {
        _factory = factory;
        _budget = budget;
        _options = options;
        _time = time;
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
            _wanted[new Shape(interpreter, memoryMb)] = count;
        }
    }

    /// <summary>A process that waits, with its memory reserved; null when there is none of this kind and size.</summary>
    public SandboxProcess? TryTake(Interpreter interpreter, int memoryMb)
    {
        var shape = new Shape(interpreter, memoryMb);
        lock (_gate)
        {
            Remember(shape);
            var at = _waiting.FindIndex(waiting => waiting.Shape == shape && waiting.Process.IsUsable);
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
            End(process);
        }

        return given.Count > 0;
    }

    /// <summary>
    /// Starts what is missing, in the background, and ends what nobody uses any more; starts nothing while the memory
    /// is needed for actions.
    /// </summary>
    public void Refill()
    {
        lock (_gate)
        {
            ForgetUnused();
            RemoveEnded();
            foreach (var (shape, count) in Targets())
            {
                var present = _waiting.Count(waiting => waiting.Shape == shape) + _starting.GetValueOrDefault(shape);
                for (var missing = count - present; missing > 0 && !_stopped && _budget.TryReserve(shape.MemoryMb); missing--)
                {
                    _starting[shape] = _starting.GetValueOrDefault(shape) + 1;
                    var start = StartAsync(shape);
                    _starts.Add(start);
                    _ = start.ContinueWith(Started, TaskScheduler.Default);
                }
            }
        }
    }

    /// <summary>Ends all, those on their way up included, and waits for it.</summary>
    public async Task StopAsync()
    {
        Task[] starts;
        lock (_gate)
        {
            _stopped = true;
            starts = [.. _starts];
        }

        await Task.WhenAll(starts);
        List<SandboxProcess> waiting;
        lock (_gate)
        {
            waiting = [.. _waiting.Select(entry => entry.Process)];
        }

        GiveUp();
        await Task.WhenAll(waiting.Select(process => process.Ended));
    }

    /// <summary>Those wanted by setting, then those used lately, the latest first.</summary>
    private IEnumerable<(Shape Shape, int Count)> Targets() =>
    [
        .. _wanted.Select(wanted => (wanted.Key, wanted.Value)),
        .. _usedAt.OrderByDescending(used => used.Value).Select(used => (used.Key, CountOfUsedShape)),
    ];

    private void Remember(Shape shape)
    {
        if (_wanted.ContainsKey(shape) || _options.PrestartedUsedSizesMax <= 0)
        {
            return;
        }

        _usedAt[shape] = _time.GetTimestamp();
        if (_usedAt.Count > _options.PrestartedUsedSizesMax)
        {
            Forget(_usedAt.MinBy(used => used.Value).Key);
        }
    }

    private void ForgetUnused()
    {
        foreach (var (shape, usedAt) in _usedAt.ToArray())
        {
            if (_time.GetElapsedTime(usedAt) >= _options.IdleTimeout)
            {
                Forget(shape);
            }
        }
    }

    private void Forget(Shape shape)
    {
        _usedAt.Remove(shape);
        for (var at = _waiting.Count - 1; at >= 0; at--)
        {
            if (_waiting[at].Shape == shape)
            {
                var process = _waiting[at].Process;
                _waiting.RemoveAt(at);
                End(process);
            }
        }
    }

    private void End(SandboxProcess process)
    {
        _budget.Release(process.MemoryMb);
        process.Kill();
    }

    private void Started(Task start)
    {
        lock (_gate)
        {
            _starts.Remove(start);
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

    private async Task StartAsync(Shape shape)
    {
        await Task.Yield();
        try
        {
            var process = await _factory.StartAsync(shape.Interpreter, shape.MemoryMb);
            lock (_gate)
            {
                _starting[shape]--;
                _waiting.Add((shape, process));
            }
        }
        catch (ProcessStartException exception)
        {
            lock (_gate)
            {
                _starting[shape]--;
            }

            _budget.Release(shape.MemoryMb);
            Log.NotStarted(_logger, shape.Interpreter.Kind.Name, exception.Message);
        }
    }

    /// <summary>What a process is before it has code: any action of the same shape can take it.</summary>
    private readonly record struct Shape(Interpreter Interpreter, int MemoryMb);

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Warning, "No process for {Kind} could be started ahead: {Reason}")]
        public static partial void NotStarted(ILogger logger, string kind, string reason);
    }
}
