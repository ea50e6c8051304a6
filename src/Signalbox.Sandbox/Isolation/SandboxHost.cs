using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Isolation;

/// <summary>What the host offers: the command that starts processes, control groups, and the report of both.</summary>
internal sealed partial class SandboxHost
{
    private const string NoneRemedy =
        "or set Sandbox:Isolation to None (--sandbox none) to run actions unprotected, for development only";

    private readonly SandboxOptions _options;
    private readonly string _groupPrefix;
    private readonly ControlGroupHierarchy? _hierarchy;

    public SandboxHost(SandboxOptions options, WorkFolder work, KindCatalog kinds, ILogger logger)
    {
        _options = options;
        _groupPrefix = $"signalbox-{work.Name}-";
        _hierarchy = ControlGroupHierarchy.Probe(_groupPrefix + "probe");
        _hierarchy?.RemoveStale(_groupPrefix);
        var bubblewrap = Executable.Find(options.Bubblewrap);
        var isolates = options.Isolation == SandboxIsolation.Bubblewrap && bubblewrap is not null;
        Command = isolates
            ? new BubblewrapCommand(options, bubblewrap!, work.Launchers)
            : new PlainCommand(work.Launchers);
        Report = Task.Run(() => Probe(kinds, bubblewrap, logger));
    }

    public IProcessCommand Command { get; }

    /// <summary>Complete when the isolation was tried; never fails.</summary>
    public Task<SandboxHostReport> Report { get; }

    /// <summary>True: the kernel enforces memory limits. False: somebody has to watch.</summary>
    public bool LimitsMemory => _hierarchy is not null;

    public ControlGroup? CreateGroup(string name, int memoryMb) => _hierarchy is null
        ? null
        : ControlGroup.Create(_hierarchy, _groupPrefix + name, memoryMb * 1024L * 1024, _options.PidsMax);

    private SandboxHostReport Probe(KindCatalog kinds, string? bubblewrap, ILogger logger)
    {
        var protections = new List<string>();
        var missing = new List<string>();
        if (_hierarchy is null)
        {
            missing.Add("kernel memory limit: no writable control group; memory is watched from outside instead");
        }
        else
        {
            protections.Add($"memory and process limits by control groups, version {_hierarchy.Version}");
        }

        var canRun = _options.Isolation == SandboxIsolation.None || ProbeIsolation(kinds, bubblewrap, protections, missing);
        if (_options.Isolation == SandboxIsolation.None)
        {
            missing.Add("isolation: switched off by Sandbox:Isolation=None; actions can read and change what this server can");
        }

        if (kinds.FindAny() is null)
        {
            canRun = false;
            missing.Add("interpreter: no node on PATH; install Node.js 20 or later, or name one in Sandbox:Interpreters");
        }

        foreach (var item in missing)
        {
            Log.Missing(logger, item);
        }

        return new SandboxHostReport { CanRun = canRun, Protections = protections, Missing = missing };
    }

    private bool ProbeIsolation(KindCatalog kinds, string? bubblewrap, List<string> protections, List<string> missing)
    {
        if (bubblewrap is null)
        {
            missing.Add($"isolation: no '{_options.Bubblewrap}' on PATH; install it (Debian: apt install bubblewrap), {NoneRemedy}");
            return false;
        }

        if (kinds.FindAny() is not { } interpreter || Command is not BubblewrapCommand command)
        {
            return false;
        }

        var arguments = command.BuildProbe(interpreter);
        var error = ErrorOf(arguments);
        if (error is null)
        {
            protections.Add(_options.Network == SandboxNetwork.None
                ? "own user, mount, process, ipc, host name and network namespaces"
                : "own user, mount, process, ipc and host name namespaces");
            return true;
        }

        missing.Add($"isolation: bubblewrap cannot make namespaces here ({error}); allow unprivileged user namespaces "
            + $"(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), {NoneRemedy}");
        return false;
    }

    private static string? ErrorOf(IReadOnlyList<string> command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Sandbox: missing {Protection}")]
        public static partial void Missing(ILogger logger, string protection);
    }
}
