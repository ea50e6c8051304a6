using System.Globalization;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// Runs the interpreter in namespaces of its own, seeing its own libraries, its launcher, its code, and nothing else
/// of the host. Files are read-only but for a size-limited <c>/tmp</c>; system calls are filtered.
/// </summary>
internal sealed class BubblewrapCommand : IProcessCommand
{
    private const string LauncherFolder = "/launcher";
    private const string SocketFolder = "/io";
    private const string ActionFolder = "/action";
    private const string ModulesFolder = "/node_modules";

    private static readonly string[] _certificateFiles =
        ["/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted", "/usr/share/ca-certificates"];

    private readonly SandboxOptions _options;
    private readonly string _bubblewrap;
    private readonly string _launchers;
    private readonly SandboxNetwork _network;
    private readonly NameFiles _names;
    private readonly bool _filters;

    /// <param name="options">The settings.</param>
    /// <param name="bubblewrap">The program's path.</param>
    /// <param name="launchers">The folder with a folder for each family of kinds.</param>
    /// <param name="network">What is offered on this host, which may be less than the settings ask for.</param>
    /// <param name="names">What actions see as the host's files of names.</param>
    /// <param name="filters">True: the command finds the system call filter at <see cref="LimitedShell.FilterDescriptor"/>.</param>
    public BubblewrapCommand(
        SandboxOptions options, string bubblewrap, string launchers, SandboxNetwork network, NameFiles names, bool filters)
    {
        _options = options;
        _bubblewrap = bubblewrap;
        _launchers = launchers;
        _network = network;
        _names = names;
        _filters = filters;
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
            .. Writable("/tmp"), .. Writable("/work"), "--chdir", "/work",
            "--ro-bind", interpreter.Path, interpreter.PathInside,
        ];
        string[] filter = _filters ? ["--add-seccomp-fd", LimitedShell.FilterDescriptor.ToString(CultureInfo.InvariantCulture)] : [];
        string[] network = _network switch
        {
            SandboxNetwork.None => ["--unshare-net"],
            SandboxNetwork.Internet => [.. _names.Mounts, .. ReadOnly(_certificateFiles)],
            _ => [.. ReadOnly([.. NameFiles.OfHost, .. _certificateFiles])],
        };
        var libraries = interpreter.Libraries.Count > 0 ? interpreter.Libraries : ["/lib", "/lib64", "/usr/lib"];
        return
        [
            .. namespaces, .. filter, .. network, .. ReadOnly(libraries), .. ReadOnly(interpreter.Mounts),
            .. interpreter.Hidden.SelectMany(path => new[] { "--tmpfs", path, "--remount-ro", path }),
        ];
    }

    private string[] Writable(string folder) =>
        ["--perms", "1777", "--size", (_options.TemporaryMb * 1024L * 1024).ToString(CultureInfo.InvariantCulture), "--tmpfs", folder];

    private static IEnumerable<string> ReadOnly(IEnumerable<string> paths) =>
        paths.SelectMany(path => new[] { "--ro-bind-try", path, path });
}
