using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Signalbox.Sandbox.Isolation.Egress;
using Signalbox.Sandbox.Isolation.SystemCalls;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// What the host offers: the way a process is closed off, control groups, and the report of what was found. A part
/// that is missing is never made up for by less protection: without its user or its namespaces no action runs,
/// without a way to the internet actions have no network.
/// </summary>
internal sealed partial class SandboxHost : IAsyncDisposable
{
    private const string NoneRemedy =
        "or set Sandbox:Isolation to None (--sandbox none) to run actions unprotected, for development only";

    private readonly SandboxOptions _options;
    private readonly WorkFolder _work;
    private readonly KindCatalog _kinds;
    private readonly ILogger _logger;
    private readonly string _groupPrefix;
    private readonly ControlGroupHierarchy? _hierarchy;
    private readonly string? _filterPath;
    private readonly Lock _gate = new();
    private Enclosure? _enclosure;
    private EgressNetwork? _egress;
    private IProcessCommand? _command;
    private int? _apiPort;

    public SandboxHost(SandboxOptions options, WorkFolder work, KindCatalog kinds, ILogger logger)
    {
        _options = options;
        _work = work;
        _kinds = kinds;
        _logger = logger;
        _groupPrefix = $"{ControlGroupOwner.OfThisProcess}-{work.Name}-";
        _hierarchy = ControlGroupHierarchy.Probe(_groupPrefix + "probe");
        _hierarchy?.RemoveStale();
        _filterPath = options.Isolation == SandboxIsolation.Bubblewrap && SystemCallFilter.OfThisMachine is { } architecture
            ? WriteFilter(architecture)
            : null;
        Report = Task.Run(Probe);
    }

    /// <summary>Known once <see cref="Report"/> says that actions can run.</summary>
    public IProcessCommand Command => _command ?? throw new InvalidOperationException("No action can run on this host; see the report.");

    /// <summary>Complete when the isolation was tried; never fails.</summary>
    public Task<SandboxHostReport> Report { get; }

    /// <summary>True: the kernel enforces memory limits. False: somebody has to watch.</summary>
    public bool LimitsMemory => _hierarchy is not null;

    public ControlGroup? CreateGroup(string name, int memoryMb) => _hierarchy is null
        ? null
        : ControlGroup.Create(_hierarchy, _groupPrefix + name, new ControlGroupLimits(memoryMb, _options.PidsMax, _options.ProcessorsMax));

    /// <summary>Gives the process's files to the user that it will run as.</summary>
    /// <exception cref="IOException">The file system does not allow it.</exception>
    public void HandOver(ProcessFolder folder) => _enclosure?.HandOver(folder);

    /// <summary>The command inside its limits, its user and its network.</summary>
    public ProcessStartInfo Enclose(IReadOnlyList<string> command, ProcessFolder folder, ControlGroup? group)
    {
        var enclosed = _enclosure?.ForProcess(folder, _egress?.LinkFor(folder.Number), command) ?? command;
        return LimitedShell.Wrap(enclosed, folder, group, _filterPath, _options);
    }

    /// <summary>Lets actions reach this port of the host's loopback, now or as soon as they have a network.</summary>
    public void AllowApi(int port)
    {
        lock (_gate)
        {
            _apiPort = port;
            try
            {
                _egress?.AllowApi(port);
            }
            catch (IsolationException exception)
            {
                Log.ApiNotAllowed(_logger, exception.Message);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Report;
        _egress?.Dispose();
        _enclosure?.Dispose();
    }

    private string WriteFilter(FilterArchitecture architecture)
    {
        var path = Path.Combine(_work.Isolation, "filter");
        File.WriteAllBytes(path, SystemCallFilter.Bytes(architecture, watchesMemory: !LimitsMemory));
        return path;
    }

    private SandboxHostReport Probe()
    {
        var protections = new List<string>();
        var missing = new List<string>();
        if (_hierarchy is null)
        {
            missing.Add("kernel memory limit: no writable control group; memory is watched from outside instead");
        }
        else
        {
            var cap = _hierarchy.CapsProcessors && _options.ProcessorsMax > 0
                ? string.Create(CultureInfo.InvariantCulture, $"; CPU cap of {_options.ProcessorsMax} processors")
                : "";
            protections.Add($"memory, process and CPU limits by control groups, version {_hierarchy.Version}{cap}");
        }

        var canRun = _options.Isolation == SandboxIsolation.None ? DoWithout(missing) : Isolate(protections, missing);
        if (_kinds.Any is null)
        {
            canRun = false;
            missing.Add("interpreter: no node on PATH; install Node.js 20 or later, or name one in Sandbox:Interpreters");
        }

        foreach (var item in missing)
        {
            Log.Missing(_logger, item);
        }

        return new SandboxHostReport
        {
            CanRun = canRun,
            Network = _options.Isolation == SandboxIsolation.None ? SandboxNetwork.Host : OfferedNetwork,
            Protections = protections,
            Missing = missing,
        };
    }

    private SandboxNetwork OfferedNetwork =>
        _options.Network == SandboxNetwork.Internet && _egress is null ? SandboxNetwork.None : _options.Network;

    private bool DoWithout(List<string> missing)
    {
        missing.Add("isolation: switched off by Sandbox:Isolation=None; actions can read and change what this server can");
        _command = new PlainCommand(_work.Launchers);
        return true;
    }

    private bool Isolate(List<string> protections, List<string> missing)
    {
        if (Executable.Find(_options.Bubblewrap) is not { } bubblewrap)
        {
            missing.Add($"isolation: no '{_options.Bubblewrap}' on PATH; install it (Debian: apt install bubblewrap), {NoneRemedy}");
            return false;
        }

        if (_kinds.Any is null)
        {
            return false;
        }

        if (_filterPath is null)
        {
            missing.Add($"system call filter: none is written for this processor; {NoneRemedy}");
            return false;
        }

        try
        {
            Enclose(protections, missing);
        }
        catch (IsolationException exception)
        {
            missing.Add($"isolation: no namespaces for unprivileged processes ({exception.Message}); {NamespaceRemedy}");
            return false;
        }

        var names = new NameFiles(_work.Isolation);
        names.Write();
        var command = new BubblewrapCommand(_options, bubblewrap, _work.Launchers, OfferedNetwork, names, filters: true);
        if (TryOut(command) is { } error)
        {
            missing.Add($"isolation: bubblewrap cannot make namespaces here ({error}); {NamespaceRemedy}");
            return false;
        }

        protections.Add(OfferedNetwork == SandboxNetwork.Host
            ? "own user, mount, process, ipc and host name namespaces; the network is the host's"
            : "own user, mount, process, ipc, host name and network namespaces");
        protections.Add("system call filter");
        _command = command;
        return true;
    }

    private static string NamespaceRemedy =>
        $"allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), {NoneRemedy}";

    /// <summary>An ordinary server's processes need the enclosure for the internet alone; a root server's for their users too.</summary>
    private void Enclose(List<string> protections, List<string> missing)
    {
        uint? firstUser = Environment.IsPrivilegedProcess ? _options.FirstUser : null;
        if (firstUser is null && _options.Network != SandboxNetwork.Internet)
        {
            return;
        }

        var tools = HostTools.Find();
        _enclosure = Enclosure.Create(tools, firstUser, [_work.Root, .. _kinds.HostPaths]);
        if (firstUser is not null)
        {
            protections.Add(string.Create(CultureInfo.InvariantCulture, $"a host user of its own for each process, from {firstUser} on"));
        }

        if (_options.Network == SandboxNetwork.Internet)
        {
            OpenEgress(tools, firstUser, protections, missing);
        }
    }

    private void OpenEgress(HostTools tools, uint? firstUser, List<string> protections, List<string> missing)
    {
        try
        {
            var egressTools = EgressTools.Find(tools, _options, firstUser);
            var egress = EgressNetwork.Open(_enclosure!, egressTools, _options, Path.Combine(_work.Isolation, "link.log"), _logger);
            lock (_gate)
            {
                _egress = egress;
                if (_apiPort is { } port)
                {
                    egress.AllowApi(port);
                }
            }

            protections.Add("internet access to public addresses only, by a packet filter outside of the processes");
        }
        catch (IsolationException exception)
        {
            missing.Add($"internet access: {exception.Message}; actions have no network (choose --network none to be content with that)");
        }
    }

    private string? TryOut(BubblewrapCommand command)
    {
        var (_, folder) = _work.NewProcess();
        try
        {
            HandOver(folder);
            using var process = Process.Start(Enclose(command.BuildProbe(_kinds.Any!), folder, null))!;
            process.WaitForExit();
            return process.ExitCode == 0 ? null : folder.ReadOutputTail().Trim();
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
        finally
        {
            folder.Delete();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Sandbox: missing {Protection}")]
        public static partial void Missing(ILogger logger, string protection);

        [LoggerMessage(2, LogLevel.Error, "Sandbox: actions cannot reach this server's API, the packet filter refuses: {Reason}")]
        public static partial void ApiNotAllowed(ILogger logger, string reason);
    }
}
