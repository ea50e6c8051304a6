using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Signalbox.Sandbox.Code;
using Signalbox.Sandbox.Inspection;
using Signalbox.Sandbox.Isolation;
using Signalbox.Sandbox.Isolation.Egress;
using Signalbox.Sandbox.Kinds;
using Signalbox.Sandbox.Pool;

namespace Signalbox.Sandbox;

/// <summary>Runs actions in sandboxed processes: finds or starts one, loads the code once, and hands over activations.</summary>
/// <remarks>
/// <code>
/// RunAsync ─► 1 Places: a seat in a process of the action, or in a new one, or a turn in the queue
///             2 PrestartedProcesses / ProcessFactory: the process, under bubblewrap, its launcher connected
///             3 SandboxProcess.LoadAsync: the code, once
///             4 SandboxProcess.RunAsync: the activation, many at once if the action allows it
/// </code>
/// </remarks>
public sealed partial class SandboxPool : IAsyncDisposable
{
    private const int AttemptsMax = 3;

    private static readonly TimeSpan _memoryWatchPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _drainPause = TimeSpan.FromMilliseconds(20);

    private readonly SandboxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KindCatalog _kinds;
    private readonly WorkFolder _work;
    private readonly SandboxHost _host;
    private readonly ProcessStarter _starter = new();
    private readonly ProcessFactory _factory;
    private readonly CodeArchives _archives;
    private readonly CompiledSources _compiled = new();
    private readonly LogMemory _logMemory;
    private readonly PrestartedProcesses _prestarted;
    private readonly Places _places;
    private readonly ITimer _idleTimer;
    private readonly ITimer? _memoryTimer;
    private readonly ITimer _heartbeatTimer;
    private readonly ITimer? _pauseTimer;
    private readonly Task _firstRefill;
    private int? _apiPort;
    private volatile bool _stopping;

    public SandboxPool(SandboxOptions options, TimeProvider time, ILogger<SandboxPool> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _kinds = KindCatalog.Probe(options, time, logger);
        _work = new WorkFolder(options.WorkDirectory);
        _host = new SandboxHost(options, _work, _kinds, logger);
        _factory = new ProcessFactory(options, _host, _work, _starter, time);
        _archives = new CodeArchives(_work.Archives, options);
        _logMemory = new LogMemory(options.LogMemoryMb, logger);
        var budget = new MemoryBudget(options.MemoryBudgetMb);
        _prestarted = new PrestartedProcesses(_factory, budget, options, time, logger);
        _places = new Places(budget, _prestarted, options.QueueLength, time);
        _idleTimer = time.CreateTimer(_ => EndIdle(), null, options.IdleTimeout / 4, options.IdleTimeout / 4);
        _memoryTimer = _host.LimitsMemory
            ? null
            : TimeProvider.System.CreateTimer(_ => MemoryWatch.Check(_factory.Live), null, _memoryWatchPeriod, _memoryWatchPeriod);
        // Like the memory watch, it follows the processes' own time and is no policy.
        _heartbeatTimer = TimeProvider.System.CreateTimer(_ => Heartbeat(), null, options.StallTimeout / 4, options.StallTimeout / 4);
        _pauseTimer = options.PauseAfter > TimeSpan.Zero
            ? TimeProvider.System.CreateTimer(_ => PauseIdle(), null, options.PauseAfter / 2, options.PauseAfter / 2)
            : null;
        _firstRefill = RefillWhenProvenAsync();
    }

    /// <summary>The kinds that this version knows; some may be missing here, see <see cref="SandboxKind.Missing"/>.</summary>
    public IReadOnlyList<SandboxKind> Kinds => _kinds.Kinds;

    /// <summary>Processes that exist now, pre-started ones included.</summary>
    public int Processes => _factory.Live.Count();

    /// <summary>Activations that run now.</summary>
    public int Running => _places.Running();

    /// <summary>What this machine can do to isolate actions; completes soon after the start, and never fails.</summary>
    public Task<SandboxHostReport> HostReport => _host.Report;

    /// <summary>
    /// Where actions reach this server's API; null when they use the same address as anybody else. Known before the
    /// host was tried: an action that starts to run meanwhile finds it right.
    /// </summary>
    public Uri? ApiUrl
    {
        get
        {
            var offersRelay = _host.Report.IsCompletedSuccessfully
                ? _host.Report.Result.Network == SandboxNetwork.Internet
                : _options is { Isolation: SandboxIsolation.Bubblewrap, Network: SandboxNetwork.Internet };
            return offersRelay && _apiPort is { } port ? new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{EgressAddresses.Api}:{port}")) : null;
        }
    }

    /// <summary>
    /// Lets actions with internet access reach one port of the host's loopback, at <see cref="ApiUrl"/>: the relay that
    /// serves this server's own API, and nothing else of it.
    /// </summary>
    public void AllowApi(int port)
    {
        _apiPort = port;
        _host.AllowApi(port);
    }

    /// <summary>Processes that wait for code.</summary>
    internal int Prestarted => _prestarted.Count;

    /// <summary>What the lines of running activations hold.</summary>
    internal long LogBytes => _logMemory.TakenBytes;

    /// <summary>Processes that are stopped until their next activation.</summary>
    internal int Paused => _factory.Live.Count(process => process.IsPaused);

    /// <summary>Processes that have activations and do not answer the heartbeat.</summary>
    internal int Stalled => _factory.Live.Count(process => process.IsStalled);

    /// <summary>
    /// Runs one activation to its end. Never throws for what an action does; see <see cref="SandboxStatus"/>.
    /// Cancelling abandons the wait for a place; a run that has begun goes on to its own end.
    /// </summary>
    public Task<SandboxOutcome> RunAsync(SandboxedAction action, SandboxRequest request, CancellationToken cancellationToken)
    {
        var requested = _time.GetUtcNow();
        return !request.LoadsOnly && TryTakeWarm(action) is { } place
            ? RunWarmAsync(place, action, request, requested)
            : RunAnywhereAsync(action, request, requested, cancellationToken);
    }

    /// <summary>A seat in a process that has the action's code loaded: what most activations find, without a wait.</summary>
    private Place? TryTakeWarm(SandboxedAction action)
    {
        if (_stopping || _options.Isolation == SandboxIsolation.None || _places.TryJoinLoaded(action) is not { } place)
        {
            return null;
        }

        SandboxMetrics.Starts.Add(1, SandboxMetrics.Warm);
        return place;
    }

    private async Task<SandboxOutcome> RunWarmAsync(Place place, SandboxedAction action, SandboxRequest request, DateTimeOffset requested)
    {
        using var log = new ActivationLog(action, request, _logMemory);
        var start = _time.GetUtcNow();
        CallEnd end;
        try
        {
            end = await place.Process!.RunAsync(action, request, log);
        }
        finally
        {
            _places.Release(place);
        }

        return end.Status == CallStatus.NotBegun
            ? await RunAnywhereAsync(action, request, requested, CancellationToken.None)
            : Outcome(end, isLoaded: true, log, start, requested, init: null);
    }

    private SandboxOutcome Outcome(
        in CallEnd end, bool isLoaded, ActivationLog log, DateTimeOffset start, DateTimeOffset requested, TimeSpan? init) => new()
        {
            Status = StatusOf(end.Status, isLoaded),
            Result = end.Result,
            Message = end.Message,
            Logs = log.ToList(),
            LogsTruncated = log.Truncated,
            Start = start,
            End = _time.GetUtcNow(),
            Wait = start - requested,
            Init = init,
        };

    private async Task<SandboxOutcome> RunAnywhereAsync(
        SandboxedAction action, SandboxRequest request, DateTimeOffset requested, CancellationToken cancellationToken)
    {
        var refusal = _host.Report.IsCompletedSuccessfully ? RefusalFor(action, _host.Report.Result) : RefusalFor(action, await _host.Report);
        if (refusal is not null)
        {
            return Refused(requested, refusal);
        }

        var known = _kinds.Find(action.Kind)!;
        var interpreter = known.Ready;
        if (interpreter is null)
        {
            try
            {
                interpreter = await _kinds.PrepareAsync(known).WaitAsync(cancellationToken);
            }
            catch (KindUnavailableException exception)
            {
                return Refused(requested, exception.Message);
            }
        }

        if (action.Concurrency > interpreter.Manifest.ConcurrencyMax)
        {
            action = action with { Concurrency = interpreter.Manifest.ConcurrencyMax };
        }

        for (var attempt = 1; ; attempt++)
        {
            var place = _places.TryTake(action, interpreter)
                ?? await QueueAsync(action, interpreter, requested, cancellationToken);
            if (place is null)
            {
                return Overloaded(requested, $"No place for the action within {_options.QueueTimeout.TotalSeconds:0} s, or the queue "
                    + $"of {_options.QueueLength} is full: {_options.MemoryBudgetMb} MB are taken. Raise Sandbox:MemoryBudgetMb.");
            }

            SandboxOutcome? outcome;
            try
            {
                outcome = await RunAtAsync(place, action, request, requested);
            }
            finally
            {
                _places.Release(place);
            }

            if (outcome is not null)
            {
                return outcome;
            }

            if (attempt == AttemptsMax)
            {
                return Refused(requested, "The action's processes ended again and again before they could run it.");
            }
        }
    }

    /// <summary>Why no debugger is let into any action, and the remedy; null when they are.</summary>
    public string? RefusesDebuggers => _options.AllowInspect
        ? null
        : "This server lets no debugger into its actions. For development, start it with --allow-inspect (Sandbox:AllowInspect).";

    /// <summary>
    /// Lets a debugger into the action: a new process that waits for its first activation, and that all further ones go
    /// to. The caller closes the inspector; the process stays.
    /// </summary>
    public async Task<InspectionStart> InspectAsync(SandboxedAction action, CancellationToken cancellationToken)
    {
        if ((RefusesDebuggers ?? RefusalFor(action, await _host.Report)) is { } refusal)
        {
            return InspectionStart.Refused(InspectionStatus.Unavailable, refusal);
        }

        var known = _kinds.Find(action.Kind)!;
        if (!known.Folder.Manifest.Inspects)
        {
            return InspectionStart.Refused(InspectionStatus.NotBuilt, $"A debugger for actions of kind '{action.Kind}' is not built; there is one for Node.js.");
        }

        if (_places.IsInspected(action.Id))
        {
            return InspectionStart.Refused(InspectionStatus.Occupied, "A debugger is attached to this action already; detach it first.");
        }

        try
        {
            var interpreter = known.Ready ?? await _kinds.PrepareAsync(known).WaitAsync(cancellationToken);
            return await InspectAsync(action, interpreter);
        }
        catch (Exception exception) when (exception is KindUnavailableException or ProcessStartException)
        {
            return InspectionStart.Refused(InspectionStatus.Unavailable, exception.Message);
        }
    }

    /// <summary>An action of this kind was made: what the kind needs is fetched in the background, so that its first run need not wait.</summary>
    public void Prepare(string kind)
    {
        if (_kinds.Find(kind) is { Ready: null, Kind.IsSupported: true } known)
        {
            // A failure is logged there, and told to whoever runs the action.
            _ = _kinds.PrepareAsync(known).ContinueWith(
                static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <summary>No new activation will come for this id (updated or deleted): its processes end when they fall idle.</summary>
    public void Retire(string actionId) => _places.Retire(actionId);

    /// <summary>Takes no more activations, waits a bounded time for those that run, and ends every process.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _places.RefuseQueue();
        await _firstRefill;
        var patience = TimeProvider.System.GetTimestamp();
        while (_places.Running() > 0 && TimeProvider.System.GetElapsedTime(patience) < _options.DrainTimeout)
        {
            await Task.Delay(_drainPause, TimeProvider.System);
        }

        await _idleTimer.DisposeAsync();
        await _heartbeatTimer.DisposeAsync();
        await (_pauseTimer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_memoryTimer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _prestarted.StopAsync();
        SandboxProcess[] processes = [.. _factory.Live];
        foreach (var process in processes)
        {
            process.Kill();
        }

        await Task.WhenAll(processes.Select(process => process.Ended));
        _starter.Dispose();
        await _host.DisposeAsync();
        _kinds.Dispose();
        _work.Dispose();
    }

    private async Task<InspectionStart> InspectAsync(SandboxedAction action, Interpreter interpreter)
    {
        if (action.Concurrency > interpreter.Manifest.ConcurrencyMax)
        {
            action = action with { Concurrency = interpreter.Manifest.ConcurrencyMax };
        }

        if (_places.TryOpenForInspection(action, interpreter) is not { } place)
        {
            return InspectionStart.Refused(
                InspectionStatus.Unavailable, $"There is no place for one more process: {_options.MemoryBudgetMb} MB are taken. Raise Sandbox:MemoryBudgetMb.");
        }

        try
        {
            place.Process ??= await _factory.StartAsync(interpreter, action.MemoryMb);
            var inspector = await _factory.InspectAsync(place.Process);
            _prestarted.Refill();
            return InspectionStart.Open(inspector);
        }
        finally
        {
            place.Opening!.SetResult();
            _places.Release(place);
        }
    }

    private string? RefusalFor(SandboxedAction action, SandboxHostReport report)
    {
        if (_stopping)
        {
            return "The server is stopping.";
        }

        if (!report.CanRun)
        {
            return "This host cannot run actions safely: missing " + string.Join("; missing ", report.Missing);
        }

        if (_kinds.Find(action.Kind) is null)
        {
            return $"Kind '{action.Kind}' is not known; there are {string.Join(", ", Kinds.Where(kind => kind.IsSupported).Select(kind => kind.Name))}.";
        }

        return action.MemoryMb > _options.MemoryBudgetMb
            ? $"The action's {action.MemoryMb} MB exceed the whole budget of {_options.MemoryBudgetMb} MB (Sandbox:MemoryBudgetMb)."
            : null;
    }

    private async Task<Place?> QueueAsync(
        SandboxedAction action, Interpreter interpreter, DateTimeOffset requested, CancellationToken cancellationToken)
    {
        var place = await _places.WaitAsync(action, interpreter, _options.QueueTimeout, cancellationToken);
        SandboxMetrics.QueueTime.Record((_time.GetUtcNow() - requested).TotalSeconds);
        return place;
    }

    /// <summary>Loads if nobody has, then runs. Null: the process was gone before the run began.</summary>
    private async Task<SandboxOutcome?> RunAtAsync(
        Place place, SandboxedAction action, SandboxRequest request, DateTimeOffset requested)
    {
        using var log = new ActivationLog(action, request, _logMemory);
        if (_options.Isolation == SandboxIsolation.None)
        {
            log.Add(_time.GetUtcNow(), LogStream.Stderr, "Warning: this server runs actions without isolation (--sandbox none), for development only."u8);
        }

        DateTimeOffset start;
        TimeSpan? init = null;
        CallEnd loaded;
        if (place.TryClaimLoad())
        {
            // Starting a process and placing its code block; the request came on its connection's event loop.
            await Task.Yield();
            try
            {
                (loaded, start) = await LoadAsync(place, request, log);
                place.LoadEnded(loaded);
            }
            finally
            {
                // Whatever happened here, those who joined must not wait for ever.
                place.LoadEnded(new CallEnd(CallStatus.Crashed));
            }

            init = _time.GetUtcNow() - start;
            _prestarted.Refill();
        }
        else
        {
            loaded = place.Loaded.IsCompletedSuccessfully ? place.Loaded.Result : await place.Loaded;
            start = _time.GetUtcNow();
            SandboxMetrics.Starts.Add(1, SandboxMetrics.Warm);
        }

        var end = loaded.Status != CallStatus.Done ? loaded
            : request.LoadsOnly ? new CallEnd(CallStatus.Done)
            : await place.Process!.RunAsync(action, request, log);
        if (end is { Status: CallStatus.NotBegun, Message: null })
        {
            return null;
        }

        return Outcome(end, loaded.Status == CallStatus.Done, log, start, requested, init);
    }

    private async Task<(CallEnd End, DateTimeOffset Start)> LoadAsync(Place place, SandboxRequest request, ActivationLog log)
    {
        var action = place.Action;
        if (string.IsNullOrWhiteSpace(action.Code))
        {
            return (new CallEnd(CallStatus.Failed, Message: "Missing main/no code to execute."), _time.GetUtcNow());
        }

        if (place.Opening is { } opening)
        {
            await opening.Task;
        }

        SandboxMetrics.Starts.Add(1, place.Process is null ? SandboxMetrics.Cold : SandboxMetrics.Prewarmed);
        try
        {
            place.Process ??= await _factory.StartAsync(place.Interpreter, action.MemoryMb);
        }
        catch (ProcessStartException exception)
        {
            Log.NotStarted(_logger, action.Kind, exception.Message);
            log.Add(_time.GetUtcNow(), LogStream.Stderr, Encoding.UTF8.GetBytes(exception.Message));
            return (new CallEnd(CallStatus.NotBegun, Message: exception.Message), _time.GetUtcNow());
        }

        var start = _time.GetUtcNow();
        var manifest = place.Interpreter.Manifest;
        try
        {
            if (action.IsBinary)
            {
                await _archives.PlaceAsync(action.Code, place.Process.CodeFolder);
            }
            else
            {
                await SourceText.PlaceAsync(manifest, action.Code, CompiledBefore(manifest, action), place.Process.CodeFolder);
            }

            var loaded = await place.Process.LoadAsync(action, request, log);
            if (manifest.CompiledFile is not null && !action.IsBinary)
            {
                _compiled.Keep(manifest.Family, action, loaded.Result);
            }

            return (loaded, start);
        }
        catch (ArchiveException exception)
        {
            var message = $"Initialization has failed due to: There was an error uncompressing the action archive: {exception.Message}";
            return (new CallEnd(CallStatus.Failed, Message: message), start);
        }
    }

    private ReadOnlyMemory<byte> CompiledBefore(KindManifest manifest, SandboxedAction action) =>
        manifest.CompiledFile is null ? default : _compiled.Find(manifest.Family, action);

    private static SandboxStatus StatusOf(CallStatus status, bool isLoaded) => (status, isLoaded) switch
    {
        (CallStatus.Done, _) => SandboxStatus.Answered,
        (CallStatus.NotBegun, _) => SandboxStatus.NotProvisioned,
        (CallStatus.OutOfMemory, _) => SandboxStatus.OutOfMemory,
        (CallStatus.Failed, false) => SandboxStatus.LoadFailed,
        (CallStatus.Failed, true) => SandboxStatus.RunFailed,
        (CallStatus.TimedOut, false) => SandboxStatus.LoadTimedOut,
        (CallStatus.TimedOut, true) => SandboxStatus.RunTimedOut,
        (CallStatus.Crashed, false) => SandboxStatus.LoadCrashed,
        (CallStatus.Crashed, true) => SandboxStatus.RunCrashed,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such end of a call."),
    };

    private SandboxOutcome Overloaded(DateTimeOffset requested, string message) =>
        Refused(requested, message) with { Status = SandboxStatus.Overloaded };

    private SandboxOutcome Refused(DateTimeOffset requested, string message)
    {
        SandboxMetrics.Refused.Add(1);
        var now = _time.GetUtcNow();
        return new SandboxOutcome
        {
            Status = SandboxStatus.NotProvisioned,
            Message = message,
            // The activation's error has upstream's words, which do not tell what to do.
            Logs = [new LogLine(now, LogStream.Stderr, message)],
            Start = now,
            End = now,
            Wait = now - requested,
        };
    }

    private void EndIdle()
    {
        _places.EndIdle(_options.IdleTimeout);
        _prestarted.Refill();
    }

    private void Heartbeat()
    {
        foreach (var process in _factory.Live)
        {
            process.Heartbeat(_options.StallTimeout);
        }
    }

    private void PauseIdle()
    {
        var table = new ProcessTable();
        foreach (var process in _factory.Live)
        {
            process.PauseIfIdle(_options.PauseAfter, table);
        }
    }

    private async Task RefillWhenProvenAsync()
    {
        var report = await _host.Report;
        if (!report.CanRun)
        {
            return;
        }

        foreach (var known in _kinds.PrestartedDefaults)
        {
            try
            {
                _prestarted.Want(await _kinds.PrepareAsync(known), _options.PrestartedMemoryMb, _options.PrestartedProcesses);
            }
            catch (KindUnavailableException)
            {
                // Logged there; nothing of it is started ahead.
            }
        }

        if (!_stopping)
        {
            _prestarted.Refill();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Error, "No process for {Kind} could be started: {Reason}")]
        public static partial void NotStarted(ILogger logger, string kind, string reason);
    }
}
