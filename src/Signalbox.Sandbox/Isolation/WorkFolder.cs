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

    private readonly string _root;
    private readonly string? _shortcut;
    private int _processes;

    public WorkFolder(string path)
    {
        _root = Path.GetFullPath(path);
        Name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_root)))[..12];
        Directory.CreateDirectory(_root);
        Empty();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if (Encoding.UTF8.GetByteCount(_root) > SocketRootBytesMax)
        {
            // The socket is named through a short link instead; the kernel counts the name's bytes, not the target's.
            _shortcut = Directory.CreateTempSubdirectory("sbx").FullName;
            Directory.CreateSymbolicLink(Path.Combine(_shortcut, "w"), _root);
        }

        Directory.CreateDirectory(Archives);
        WriteLaunchers();
    }

    /// <summary>Tells this pool's control groups from another's.</summary>
    public string Name { get; }

    public string Launchers => Path.Combine(_root, "launchers");

    private string Processes => Path.Combine(_root, "p");

    /// <summary>Unpacked archives, by the hash of their content.</summary>
    public string Archives => Path.Combine(_root, "archives");

    public (string Name, ProcessFolder Folder) NewProcess()
    {
        var name = Interlocked.Increment(ref _processes).ToString(CultureInfo.InvariantCulture);
        return (name, new ProcessFolder(Path.Combine(_shortcut is null ? _root : Path.Combine(_shortcut, "w"), "p", name)));
    }

    public void Dispose()
    {
        try
        {
            Empty();
            if (!Directory.EnumerateFileSystemEntries(_root).Any())
            {
                Directory.Delete(_root);
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
        foreach (var folder in new[] { Launchers, Archives, Processes }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
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
