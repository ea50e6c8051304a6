using System.Diagnostics;
using System.Globalization;

namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// The namespaces in which all sandboxes of this server are made: a user namespace that gives the setting up its
/// rights and holds nothing of the host's, a view of the host's files, and a network that <see cref="Egress"/> fills.
/// </summary>
/// <remarks>
/// Under a root server its users are host users that exist nowhere else: the namespace's root, which sets sandboxes
/// up, and one more for each process, so that code which breaks out of its sandbox is nobody on the host, and not the
/// owner of another sandbox either. Under an ordinary user there is but that user. A process that waits for the end of
/// its input keeps the namespaces; it ends with this server, however that ends.
/// </remarks>
internal sealed class Enclosure : IDisposable
{
    private const int UserCount = 65_536;
    private const int OpenFoldersMax = 6;
    private const string Hold = "echo ready; exec cat >/dev/null";

    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(20);

    private readonly Process _holder;
    private readonly HostTools _tools;
    private readonly uint? _firstUser;

    private Enclosure(Process holder, HostTools tools, uint? firstUser)
    {
        _holder = holder;
        _tools = tools;
        _firstUser = firstUser;
    }

    /// <summary>The process that keeps the namespaces.</summary>
    public int Pid => _holder.Id;

    /// <summary>True: every process runs as a host user of its own.</summary>
    public bool HasUsers => _firstUser is not null;

    /// <summary>Makes the namespaces; <paramref name="paths"/> stay readable for their users, whatever folders they lie in.</summary>
    /// <exception cref="IsolationException">The host does not allow it; the message says what it answered.</exception>
    public static Enclosure Create(HostTools tools, uint? firstUser, IReadOnlyList<string> paths)
    {
        var keep = new[] { tools.Unshare, "--user", "--mount", "--net", "--propagation", "private" };
        string[] command = firstUser is { } user
            ?
            [
                tools.Unshare, "--mount", "--propagation", "private", "--", "/bin/sh", "-c",
                $"set -e; {OpenUp(paths)}exec \"$@\"", "enclosure", .. tools.AsUser(user), .. keep,
            ]
            : [.. keep, "--map-root-user"];
        var holder = Process.Start(new ProcessStartInfo(command[0], [.. command.Skip(1), "--", "/bin/sh", "-c", Hold])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var answer = holder.StandardOutput.ReadLineAsync();
            if (!answer.Wait(_startPatience) || answer.Result != "ready")
            {
                throw new IsolationException(answer.IsCompleted ? holder.StandardError.ReadToEnd().Trim() : "it did not answer");
            }

            if (firstUser is { } first)
            {
                var map = string.Create(CultureInfo.InvariantCulture, $"0 {first} {UserCount}");
                File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{holder.Id}/uid_map"), map);
                File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{holder.Id}/gid_map"), map);
            }

            return new Enclosure(holder, tools, firstUser);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            End(holder);
            throw new IsolationException(exception.Message);
        }
        catch (IsolationException)
        {
            End(holder);
            throw;
        }
    }

    /// <summary>A command that runs as the enclosure's root, in its network.</summary>
    public IReadOnlyList<string> Inside(params IEnumerable<string> command) =>
        [.. Enter(), "--net", "--", .. command];

    /// <summary>A command that runs as the user of one process, with a network of its own when there is a link for it.</summary>
    public IReadOnlyList<string> ForProcess(ProcessFolder folder, IReadOnlyList<string>? link, IReadOnlyList<string> command)
    {
        string[] asUser = HasUsers ? _tools.AsUser(UserInside(folder.Number)) : [];
        return link is null
            ? [.. Enter(), "--", .. asUser, .. command]
            : [.. Enter(), "--", _tools.Unshare, "--net", "--", .. link, .. asUser, .. command];
    }

    /// <summary>Makes the process's user the owner of its folder.</summary>
    /// <exception cref="IOException">The file system does not allow it.</exception>
    public void HandOver(ProcessFolder folder)
    {
        if (_firstUser is not { } first)
        {
            return;
        }

        var owner = first + UserInside(folder.Number);
        foreach (var path in new[] { folder.Root, folder.SocketFolder, folder.SocketPath, folder.InspectorPath, folder.CodeFolder }.Where(Path.Exists))
        {
            if (NativeMethods.ChangeOwner(path, owner, owner) != 0)
            {
                throw new IOException($"'{path}' cannot be given to user {owner}");
            }
        }
    }

    public void Dispose() => End(_holder);

    private IEnumerable<string> Enter() =>
    [
        _tools.Nsenter, "--target", Pid.ToString(CultureInfo.InvariantCulture), "--user", "--mount",
        // An ordinary user is the enclosure's root already, and may not set groups.
        .. HasUsers ? [] : new[] { "--preserve-credentials" },
    ];

    /// <summary>A user is used again after so many processes, when its last one is long gone.</summary>
    private static uint UserInside(int process) => 1 + (uint)(process % (UserCount - 1));

    /// <summary>
    /// Shell commands that hide the folders which only root can enter, and show in their place nothing but the given
    /// paths: those stay where they are, and the rest of the folder, such as the server's database, is gone from view.
    /// </summary>
    private static string OpenUp(IReadOnlyList<string> paths)
    {
        var closed = paths.Select(path => (Path: path, Folder: ClosedFolder(path))).Where(entry => entry.Folder is not null).ToList();
        if (closed.Count > OpenFoldersMax)
        {
            throw new IsolationException(
                $"more than {OpenFoldersMax} paths lie in folders that only root can enter: {string.Join(", ", closed.Select(entry => entry.Path))}");
        }

        var opened = closed.Select((entry, index) => $"exec {index + 3}<{Shell.Quote(entry.Path)}; ");
        var hidden = closed.Select(entry => entry.Folder!).Distinct()
            .Select(folder => $"mount -t tmpfs -o mode=755,size=1m tmpfs {Shell.Quote(folder)}; ");
        var shown = closed.Select((entry, index) =>
            (Directory.Exists(entry.Path)
                ? $"mkdir -p {Shell.Quote(entry.Path)}; "
                : $"mkdir -p {Shell.Quote(Path.GetDirectoryName(entry.Path)!)}; : >{Shell.Quote(entry.Path)}; ")
            + $"mount --no-canonicalize --bind /proc/self/fd/{index + 3} {Shell.Quote(entry.Path)}; exec {index + 3}<&-; ");
        return string.Concat([.. opened, .. hidden, .. shown]);
    }

    /// <summary>The uppermost folder above the path that others may not pass through; null when there is none.</summary>
    private static string? ClosedFolder(string path)
    {
        string? closed = null;
        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & UnixFileMode.OtherExecute) == 0)
            {
                closed = folder;
            }
        }

        return closed;
    }

    private static void End(Process holder)
    {
        holder.Kill();
        holder.WaitForExit();
        holder.Dispose();
    }
}
