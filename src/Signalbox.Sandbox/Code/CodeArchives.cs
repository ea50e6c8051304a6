using System.Security.Cryptography;
using System.Text;

namespace Signalbox.Sandbox.Code;

/// <summary>
/// Archives unpacked once for each content, and shown to processes as hard links: a process sees the files of its own
/// action only, and they cost neither a copy nor memory of their own.
/// </summary>
internal sealed class CodeArchives
{
    private const int KeptMax = 256;

    private readonly string _root;
    private readonly SandboxOptions _options;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<string>> _folders = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _byUse = [];

    public CodeArchives(string root, SandboxOptions options)
    {
        _root = root;
        _options = options;
    }

    /// <summary>Puts the archive's files below the folder.</summary>
    /// <exception cref="ArchiveException">It cannot or must not be unpacked.</exception>
    public async Task PlaceAsync(string base64, string folder)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(base64)));
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Link(await UnpackedAsync(hash, base64), folder);
                return;
            }
            catch (DirectoryNotFoundException) when (attempt == 0)
            {
                // The folder was dropped between the look-up and the linking; it is unpacked anew.
            }
        }
    }

    private Task<string> UnpackedAsync(string hash, string base64)
    {
        var dropped = "";
        Task<string>? unpacked;
        lock (_gate)
        {
            _byUse.Remove(hash);
            _byUse.AddFirst(hash);
            if (!_folders.TryGetValue(hash, out unpacked) || unpacked.IsFaulted)
            {
                unpacked = Task.Run(() => Unpack(hash, base64));
                _folders[hash] = unpacked;
                dropped = _byUse.Count > KeptMax ? _byUse.Last!.Value : "";
                if (_byUse.Count > KeptMax)
                {
                    _byUse.RemoveLast();
                    _folders.Remove(dropped);
                }
            }
        }

        if (dropped.Length > 0)
        {
            DeleteQuietly(Path.Combine(_root, dropped));
        }

        return unpacked;
    }

    private string Unpack(string hash, string base64)
    {
        var folder = Path.Combine(_root, hash);
        var partial = folder + ".partial";
        try
        {
            DeleteQuietly(partial);
            DeleteQuietly(folder);
            Directory.CreateDirectory(partial);
            ArchiveUnpacker.Unpack(Convert.FromBase64String(base64), partial, _options);
            Directory.Move(partial, folder);
            return folder;
        }
        catch (FormatException exception)
        {
            throw new ArchiveException("it is not valid base64", exception);
        }
        finally
        {
            DeleteQuietly(partial);
        }
    }

    private static void Link(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(to + folder[from.Length..]);
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = to + file[from.Length..];
            if (NativeMethods.HardLink(file, target) != 0)
            {
                File.Copy(file, target, overwrite: true);
            }
        }
    }

    private static void DeleteQuietly(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Emptied with the work directory at the next start.
        }
    }
}
