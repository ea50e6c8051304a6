using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Isolation;

/// <summary>The pool's folder on disk: emptied at start, so that nothing of an earlier life is left.</summary>
internal sealed class WorkFolder : IDisposable
{
    /// <summary>A Unix socket's address holds 107 bytes; what follows the folder's name takes up to 24 of them.</summary>
    private const int SocketRootBytesMax = 80;

    private const UnixFileMode _ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Under root, processes run as other users, who have to get to their own folders, and see no names on the way.</summary>
    private static readonly UnixFileMode _passThrough =
        Environment.IsPrivilegedProcess ? UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : UnixFileMode.None;

    private readonly string? _shortcut;
    private int _processes;

    public WorkFolder(string path)
    {
        Root = Path.GetFullPath(path);
        Name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..12];
        Directory.CreateDirectory(Root);
        Empty();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Root, _ownerOnly | _passThrough);
        }

        if (Encoding.UTF8.GetByteCount(Root) > SocketRootBytesMax)
        {
            // The socket is named through a short link instead; the kernel counts the name's bytes, not the target's.
            _shortcut = Directory.CreateTempSubdirectory("sbx").FullName;
            Directory.CreateSymbolicLink(Path.Combine(_shortcut, "w"), Root);
        }

        CreateFolder(Processes, _passThrough);
        CreateFolder(Archives);
        CreateFolder(Isolation, _passThrough | UnixFileMode.OtherRead);
        WriteLaunchers();
    }

    public string Root { get; }

    /// <summary>Tells this pool's control groups from another's.</summary>
    public string Name { get; }

    public string Launchers => Path.Combine(Root, "launchers");

    /// <summary>The system call filter, what actions see instead of the host's files of names, what the link to the internet prints.</summary>
    public string Isolation => Path.Combine(Root, "isolation");

    private string Processes => Path.Combine(Root, "p");

    /// <summary>Unpacked archives, by the hash of their content.</summary>
    public string Archives => Path.Combine(Root, "archives");

    public (string Name, ProcessFolder Folder) NewProcess()
    {
        var number = Interlocked.Increment(ref _processes);
        var name = number.ToString(CultureInfo.InvariantCulture);
        var root = Path.Combine(Processes, name);
        return (name, new ProcessFolder(root, _shortcut is null ? root : Path.Combine(_shortcut, "w", "p", name), number));
    }

    public void Dispose()
    {
        try
        {
            Empty();
            if (!Directory.EnumerateFileSystemEntries(Root).Any())
            {
                Directory.Delete(Root);
            }

            if (_shortcut is not null)
            {
                Directory.Delete(_shortcut, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Emptied at the next start.
        }
    }

    /// <summary>Deletes what a pool makes, and nothing else: the folder's name comes from a configuration file.</summary>
    private void Empty()
    {
        foreach (var folder in new[] { Launchers, Archives, Isolation, Processes }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void CreateFolder(string path, UnixFileMode forOthers = UnixFileMode.None)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, _ownerOnly | forOthers);
        }
    }

    private void WriteLaunchers()
    {
        foreach (var kind in KindFolder.All)
        {
            kind.WriteTo(Path.Combine(Launchers, kind.Name));
        }
    }
}
