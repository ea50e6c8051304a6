using System.Globalization;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// Runs the interpreter in namespaces of its own, seeing its own libraries, its launcher, its code, and nothing else
/// of the host. Files are read-only but for a size-limited <c>/tmp</c>. A system call filter would be one more
/// argument here (<c>--add-seccomp-fd</c>).
/// </summary>
internal sealed class BubblewrapCommand : IProcessCommand
{
    private const string LauncherFolder = "/launcher";
    private const string SocketFolder = "/io";
    private const string ActionFolder = "/action";
    private const string ModulesFolder = "/node_modules";

    private static readonly string[] _networkFiles =
        ["/etc/ssl", "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/usr/share/ca-certificates"];

    private readonly SandboxOptions _options;
    private readonly string _bubblewrap;
    private readonly string _launchers;

    public BubblewrapCommand(SandboxOptions options, string bubblewrap, string launchers)
    {
        _options = options;
        _bubblewrap = bubblewrap;
        _launchers = launchers;
    }

    public string CodeDirectory(ProcessFolder folder) => ActionFolder;

    public IReadOnlyList<string> Build(Interpreter interpreter, ProcessFolder folder, int memoryMb)
    {
        var places = new LaunchPlaces
        {
            Interpreter = interpreter.PathInside,
            Launcher = LauncherFolder,
            Code = ActionFolder,
            Socket = SocketFolder + "/s",
            MemoryMb = memoryMb,
        };
        return
        [
            .. Isolate(interpreter),
            "--ro-bind", Path.Combine(_launchers, interpreter.Manifest.Family), LauncherFolder,
            "--ro-bind", folder.SocketFolder, SocketFolder,
            "--ro-bind", folder.CodeFolder, ActionFolder,
            .. interpreter.Modules is null ? [] : new[] { "--ro-bind", interpreter.Modules, ModulesFolder },
            "--chdir", ActionFolder,
            "--remount-ro", "/",
            .. interpreter.Manifest.Environment.SelectMany(variable => new[] { "--setenv", variable.Key, places.Fill(variable.Value) }),
            "--", .. places.Fill(interpreter.Manifest.Command),
        ];
    }

    /// <summary>The same isolation around a question that the interpreter answers at once: proves that the host can do it.</summary>
    public IReadOnlyList<string> BuildProbe(Interpreter interpreter) =>
        [.. Isolate(interpreter), "--remount-ro", "/", "--", interpreter.PathInside, "--version"];

    private IEnumerable<string> Isolate(Interpreter interpreter)
    {
        string[] namespaces =
        [
            _bubblewrap,
            "--unshare-user", "--disable-userns", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
            "--uid", "1000", "--gid", "1000", "--hostname", "sandbox",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL",
            "--clearenv", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--setenv", "HOME", "/tmp",
            "--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev", "--remount-ro", "/dev",
            "--perms", "1777", "--size", (_options.TemporaryMb * 1024L * 1024).ToString(CultureInfo.InvariantCulture), "--tmpfs", "/tmp",
            "--ro-bind", interpreter.Path, interpreter.PathInside,
        ];
        string[] network = _options.Network == SandboxNetwork.None
            ? ["--unshare-net"]
            : [.. _networkFiles.SelectMany(path => new[] { "--ro-bind-try", path, path })];
        var libraries = interpreter.Libraries.Count > 0 ? interpreter.Libraries : ["/lib", "/lib64", "/usr/lib"];
        return
        [
            .. namespaces, .. network,
            .. libraries.Concat(interpreter.Mounts).SelectMany(path => new[] { "--ro-bind-try", path, path }),
            .. interpreter.Hidden.SelectMany(path => new[] { "--tmpfs", path, "--remount-ro", path }),
        ];
    }
}
