using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Signalbox.Sandbox.Kinds;

/// <summary>
/// Interpreters and preinstalled modules on disk, shared by all servers of this user:
/// <c>FAMILY/VERSION/</c> holds an interpreter's package, <c>FAMILY/modules-HASH/</c> the modules of one lock file.
/// A folder is whole or absent: it is filled beside and renamed. Whoever uses one holds a lock on a file beside it, so
/// that nobody removes it meanwhile.
/// </summary>
internal sealed class RuntimeCache : IDisposable
{
    private const string PackageFile = "package.json";
    private const string LockFile = "package-lock.json";
    private const string ModulesPrefix = "modules-";

    /// <summary>No fetch takes longer; see <see cref="SandboxOptions.InstallTimeout"/>.</summary>
    private static readonly TimeSpan _brokenOffAfter = TimeSpan.FromHours(24);

    private readonly NpmClient _npm;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FileStream> _held = new(StringComparer.Ordinal);

    public RuntimeCache(string root, NpmClient npm)
    {
        Root = Path.GetFullPath(root);
        _npm = npm;
        try
        {
            // The sandboxes' view of the host is made before anything is fetched.
            CreateOpenFolder(Root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Told when something is to be fetched.
        }
    }

    public string Root { get; }

    public bool CanInstall => _npm.IsPresent;

    private static string Architecture => RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64";

    public static string PackageOf(KindInstall install) => install.NpmPackage.Replace("{architecture}", Architecture, StringComparison.Ordinal);

    /// <summary>The newest cached interpreter that fits, without asking it; null: none.</summary>
    public (string Executable, string Version)? FindInterpreter(KindFolder folder, KindEntry entry)
    {
        var family = Path.Combine(Root, folder.Name);
        if (folder.Manifest.Install is not { } install || !Directory.Exists(family))
        {
            return null;
        }

        return Directory.EnumerateDirectories(family)
            .Select(path => (Executable: Path.Combine(path, install.Executable), Version: Path.GetFileName(path)))
            .Where(found => Version.TryParse(found.Version, out _) && entry.Fits(found.Version) && File.Exists(found.Executable))
            .OrderByDescending(found => Version.Parse(found.Version))
            .Select(found => ((string, string)?)found)
            .FirstOrDefault();
    }

    /// <summary>Fetches the newest interpreter that fits, unless it is here already.</summary>
    /// <exception cref="KindUnavailableException">The registry has none, or cannot be reached.</exception>
    public async Task InstallInterpreterAsync(KindFolder folder, KindEntry entry)
    {
        var package = PackageOf(folder.Manifest.Install!);
        await FillAsync(folder, async partial =>
        {
            await _npm.RunAsync(partial, "install", "--prefix", partial, "--no-save", "--omit=optional", $"{package}@{entry.Version}");
            var unpacked = Path.Combine(partial, "node_modules", package);
            using var description = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(unpacked, PackageFile)));
            var version = description.RootElement.GetProperty("version").GetString()!;
            foreach (var superfluous in new[] { "include", "share" }.Select(name => Path.Combine(unpacked, name)).Where(Directory.Exists))
            {
                Directory.Delete(superfluous, recursive: true);
            }

            return (unpacked, version);
        });
    }

    /// <summary>Where the kind's modules are or would be; null: it has none.</summary>
    public string? ModulesFolder(KindFolder folder, KindEntry entry) => entry.Modules is null
        ? null
        : Path.Combine(Root, folder.Name, ModulesName(folder, entry), "node_modules");

    /// <summary>Installs exactly what the kind's lock file says.</summary>
    /// <exception cref="KindUnavailableException">The registry cannot be reached.</exception>
    public async Task InstallModulesAsync(KindFolder folder, KindEntry entry) => await FillAsync(folder, async partial =>
    {
        var target = Path.Combine(partial, "modules");
        folder.WriteTo(target, entry.Modules!);
        await _npm.RunAsync(target, "ci");
        return (target, ModulesName(folder, entry));
    });

    /// <summary>Keeps the version or the modules that a path below the cache belongs to from being removed, until this is disposed.</summary>
    public void Hold(string path)
    {
        var inside = Path.GetRelativePath(Root, path).Split('/');
        if (inside.Length < 2 || inside[0] == "..")
        {
            return;
        }

        var folder = Path.Combine(Root, inside[0], inside[1]);
        lock (_gate)
        {
            if (!_held.ContainsKey(folder))
            {
                try
                {
                    _held[folder] = new FileStream(LockOf(folder), FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // Another user's cache, which we may only read; that user keeps it in order.
                }
            }
        }
    }

    /// <summary>
    /// Removes what nobody needs: all but the newest version of each kind, what belongs to no kind of this version, and
    /// what a fetch that broke off left behind. What a running server holds stays.
    /// </summary>
    public void RemoveSuperseded(KindFolder folder)
    {
        var family = Path.Combine(Root, folder.Name);
        var needed = folder.Manifest.Kinds.Where(entry => !entry.Deprecated)
            .SelectMany(entry => new[] { FindInterpreter(folder, entry)?.Version, entry.Modules is null ? null : ModulesName(folder, entry) })
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.Exists(family) ? Directory.EnumerateDirectories(family).ToList() : [])
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith('.'))
            {
                if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > _brokenOffAfter)
                {
                    DeleteQuietly(path);
                }
            }
            else if (!needed.Contains(name))
            {
                RemoveUnlessHeld(path);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var held in _held.Values)
            {
                held.Dispose();
            }

            _held.Clear();
        }
    }

    private static string LockOf(string folder) => Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}.use");

    private static void RemoveUnlessHeld(string folder)
    {
        try
        {
            using var mine = new FileStream(LockOf(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            DeleteQuietly(folder);
            File.Delete(LockOf(folder));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A server uses it; the next cleaning asks again.
        }
    }

    private static string ModulesName(KindFolder folder, KindEntry entry) =>
        ModulesPrefix + Convert.ToHexStringLower(SHA256.HashData(folder.Read($"{entry.Modules}/{LockFile}")))[..16];

    private async Task FillAsync(KindFolder folder, Func<string, Task<(string Filled, string Name)>> fill)
    {
        var family = Path.Combine(Root, folder.Name);
        var partial = Path.Combine(family, $".{Guid.NewGuid():N}.partial");
        try
        {
            CreateOpenFolder(family);
            Directory.CreateDirectory(partial);
            var (filled, name) = await fill(partial);
            OpenToReaders(filled);
            var target = Path.Combine(family, name);
            if (!Directory.Exists(target))
            {
                Directory.Move(filled, target);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new KindUnavailableException($"the folder '{family}' (Sandbox:RuntimesDirectory) cannot be filled: {exception.Message}", exception);
        }
        finally
        {
            DeleteQuietly(partial);
        }
    }

    private static void CreateOpenFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            OpenToReaders(folder);
        }
    }

    /// <summary>Processes run as other users, whatever this server's umask is.</summary>
    private static void OpenToReaders(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(entry => entry.LinkTarget is null))
        {
            var runs = entry is DirectoryInfo || (entry.UnixFileMode & UnixFileMode.UserExecute) != 0;
            entry.UnixFileMode = UnixFileMode.UserWrite | Read | (runs ? Enter : 0);
        }

        File.SetUnixFileMode(folder, UnixFileMode.UserWrite | Read | Enter);
    }

    private static void DeleteQuietly(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A leftover has a name that nobody looks for.
        }
    }
}
