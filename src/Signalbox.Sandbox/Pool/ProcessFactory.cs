using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Signalbox.Sandbox.Inspection;
using Signalbox.Sandbox.Isolation;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Pool;

/// <summary>Starts processes up to the point where they wait for code.</summary>
internal sealed class ProcessFactory
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int ProcessCountLimit = 6;

    private readonly SandboxOptions _options;
    private readonly SandboxHost _host;
    private readonly WorkFolder _work;
    private readonly ProcessStarter _starter;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<SandboxProcess, bool> _live = [];

    public ProcessFactory(
        SandboxOptions options, SandboxHost host, WorkFolder work, ProcessStarter starter, TimeProvider time)
    {
        _options = options;
        _host = host;
        _work = work;
        _starter = starter;
        _time = time;
    }

    /// <summary>The processes that have connected and of which something is left.</summary>
    public IEnumerable<SandboxProcess> Live => _live.Keys;

    /// <exception cref="ProcessStartException">It did not come up; the message says what it printed.</exception>
    public async Task<SandboxProcess> StartAsync(Interpreter interpreter, int memoryMb)
    {
        var (name, folder) = _work.NewProcess();
        ControlGroup? group = null;
        Process? process = null;
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(folder.SocketPath));
            listener.Listen(1);
            _host.HandOver(folder);
            group = _host.CreateGroup(name, memoryMb);
            var command = _host.Command.Build(interpreter, folder, memoryMb);
            process = await _starter.StartAsync(_host.Enclose(command, folder, group));
            var socket = await AcceptAsync(listener, process, folder);
            var pid = PeerPid(socket);
            LimitProcessCount(pid);
            var started = new SandboxProcess(process, folder, group, socket, pid, memoryMb, _time);
            _ = TrackAsync(started);
            await ReadyAsync(started);
            return started;
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException or SocketException)
        {
            Abandon(process, folder, group);
            throw new ProcessStartException($"A process for {interpreter.Kind.Name} could not be started: {exception.Message}", exception);
        }
        catch (ProcessStartException)
        {
            Abandon(process, folder, group);
            throw;
        }
    }

    /// <summary>Lets a debugger into a process that waits for code.</summary>
    /// <exception cref="ProcessStartException">The launcher did not open its inspector.</exception>
    public async Task<Inspector> InspectAsync(SandboxProcess process)
    {
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(process.Folder.InspectorPath));
            listener.Listen(1);
            _host.HandOver(process.Folder);
            using var patience = new CancellationTokenSource(_options.StartTimeout, TimeProvider.System);
            process.AskForInspector();
            return process.Inspected(new Inspector(await listener.AcceptAsync(patience.Token), _host.Command.CodeDirectory(process.Folder)));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            throw new ProcessStartException($"The process did not open its inspector: {exception.Message}", exception);
        }
    }

    private async Task TrackAsync(SandboxProcess process)
    {
        _live[process] = true;
        SandboxMetrics.Processes.Add(1);
        await process.Ended;
        SandboxMetrics.Processes.Add(-1);
        _live.TryRemove(process, out _);
    }

    private async Task<Socket> AcceptAsync(Socket listener, Process process, ProcessFolder folder)
    {
        using var patience = new CancellationTokenSource(_options.StartTimeout, TimeProvider.System);
        using var exited = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => Cancel(exited);
        if (process.HasExited)
        {
            Cancel(exited);
        }

        try
        {
            return await listener.AcceptAsync(exited.Token);
        }
        catch (OperationCanceledException)
        {
            var reason = patience.IsCancellationRequested
                ? $"it did not connect within {_options.StartTimeout.TotalSeconds:0} s"
                : $"it ended: {folder.ReadOutputTail().Trim()}";
            throw new ProcessStartException($"A sandboxed process could not be started: {reason}");
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It connected first.
        }
    }

    private async Task ReadyAsync(SandboxProcess process)
    {
        try
        {
            await process.Ready.WaitAsync(_options.StartTimeout, TimeProvider.System);
        }
        catch (TimeoutException exception)
        {
            process.Kill();
            throw new ProcessStartException("A sandboxed process connected, and then said nothing", exception);
        }
    }

    /// <summary>
    /// For hosts without control groups. Set from outside once the user namespace exists: it then counts the
    /// sandbox's own processes; set before, it would count all that this server's user has.
    /// </summary>
    private void LimitProcessCount(int pid)
    {
        if (_options.Isolation == SandboxIsolation.Bubblewrap)
        {
            _ = NativeMethods.SetLimit(
                pid, ProcessCountLimit, new NativeMethods.ResourceLimit((nuint)_options.PidsMax, (nuint)_options.PidsMax), 0);
        }
    }

    private static int PeerPid(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return MemoryMarshal.Read<int>(credentials);
    }

    private static void Abandon(Process? process, ProcessFolder folder, ControlGroup? group)
    {
        try
        {
            process?.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself, or was ended and removed with its connection.
        }

        folder.Delete();
        group?.TryRemove();
    }
}
