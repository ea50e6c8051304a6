using System.Buffers;
using System.Formats.Tar;
using System.IO.Compression;

namespace Signalbox.Sandbox.Code;

/// <summary>
/// Unpacks an archive that a stranger made: files and folders only, below the target only, and no more of them than
/// the limits allow, whatever the archive's own directory claims.
/// </summary>
internal sealed class ArchiveUnpacker
{
    private const int UnixFileTypeMask = 0xF000;
    private const int UnixSymbolicLink = 0xA000;
    private const string ProgramFile = "exec";
    private const int UnixPermissionMask = 0x1FF;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const int CopyBufferBytes = 81_920;

    /// <summary>Of a name in the archive: a short archive could ask for thousands of folders with each of its names otherwise.</summary>
    private const int NameCharsMax = 1_024;

    /// <summary>What file systems of Linux take.</summary>
    private const int PartBytesMax = 255;

    private readonly string _target;
    private readonly int _entriesMax;
    private readonly int _megabytesMax;
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private long _bytesLeft;
    private int _entries;

    private ArchiveUnpacker(string target, SandboxOptions options)
    {
        _target = Path.GetFullPath(target);
        _entriesMax = options.ArchiveEntriesMax;
        _megabytesMax = options.ArchiveMbMax;
        _bytesLeft = _megabytesMax * 1024L * 1024;
    }

    /// <exception cref="ArchiveException">It is no zip or tar.gz, is damaged, leaves its folder, or is too large.</exception>
    public static void Unpack(ReadOnlyMemory<byte> archive, string target, SandboxOptions options)
    {
        var unpacker = new ArchiveUnpacker(target, options);
        using var stream = new MemoryStream(archive.ToArray(), writable: false);
        try
        {
            if (archive.Span.StartsWith("PK"u8))
            {
                unpacker.RefuseLongDirectory(archive.Span);
                unpacker.UnpackZip(stream);
            }
            else if (archive.Span.StartsWith(new byte[] { 0x1F, 0x8B }))
            {
                unpacker.UnpackTar(stream);
            }
            else
            {
                throw new ArchiveException("it is neither a zip nor a tar.gz file");
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new ArchiveException($"it is damaged: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException("it cannot be written; the disk may be full", exception);
        }
    }

    /// <summary>
    /// The reader takes the whole directory in before it gives the first entry, whatever number the archive claims. Each
    /// entry there begins with these bytes; those of a zip within the zip count as well, which a limit this high can bear.
    /// </summary>
    private void RefuseLongDirectory(ReadOnlySpan<byte> archive)
    {
        if (archive.Count("PK\u0001\u0002"u8) > _entriesMax)
        {
            throw TooManyEntries();
        }
    }

    private void UnpackZip(Stream stream)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        foreach (var entry in zip.Entries)
        {
            if (((entry.ExternalAttributes >> 16) & UnixFileTypeMask) == UnixSymbolicLink)
            {
                throw Refused(entry.FullName, "is a symbolic link; pack what it leads to instead (zip does so without -y)");
            }

            var path = PathOf(entry.FullName);
            if (entry.FullName.EndsWith('/'))
            {
                MakeFolder(path);
                continue;
            }

            using var content = entry.Open();
            WriteFile(path, content, (UnixFileMode)((entry.ExternalAttributes >> 16) & UnixPermissionMask));
        }
    }

    private void UnpackTar(Stream stream)
    {
        using var plain = new GZipStream(stream, CompressionMode.Decompress);
        using var bounded = new TarInput(plain);
        using var tar = new TarReader(bounded);
        while (tar.GetNextEntry() is { } entry)
        {
            switch (entry.EntryType)
            {
                case TarEntryType.GlobalExtendedAttributes:
                    break;
                case TarEntryType.Directory:
                    MakeFolder(PathOf(entry.Name));
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    WriteFile(PathOf(entry.Name), entry.DataStream ?? Stream.Null, entry.Mode);
                    break;
                default:
                    throw Refused(entry.Name, "is neither a file nor a folder; pack what links lead to instead (tar does so with -h)");
            }
        }
    }

    private string PathOf(string name)
    {
        if (name.Length > NameCharsMax)
        {
            throw Refused(name[..40] + "…", $"has a name of more than {NameCharsMax} characters");
        }

        var path = Path.GetFullPath(Path.Combine(_target, name));
        if (path != _target && path != _target + "/" && !path.StartsWith(_target + "/", StringComparison.Ordinal))
        {
            throw Refused(name, "leads out of the archive");
        }

        return path;
    }

    private void Count()
    {
        if (++_entries > _entriesMax)
        {
            throw TooManyEntries();
        }
    }

    /// <summary>Makes a folder and those above it, each of which counts as an entry, whether the archive lists it or not.</summary>
    private void MakeFolder(string path)
    {
        path = path.TrimEnd('/');
        for (var folder = path; folder.Length > _target.Length && _folders.Add(folder); folder = Path.GetDirectoryName(folder)!)
        {
            Count();
        }

        Place(path, () => Directory.CreateDirectory(path));
    }

    /// <summary>Makes a file or folder; of what keeps it from there, that which lies with the archive is told by its name.</summary>
    private T Place<T>(string path, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (PathTooLongException)
        {
            throw Refused(NameOf(path), $"has a name that is too long; each part of it may be {PartBytesMax} bytes");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && FindTaken(path) is { } taken)
        {
            throw Refused(NameOf(path), taken == path ? "is there twice" : $"lies below '{NameOf(taken)}', which is a file");
        }
    }

    /// <summary>What stands at the path, or the file that stands where a folder above it should.</summary>
    private string? FindTaken(string path)
    {
        if (Path.Exists(path))
        {
            return path;
        }

        var above = path;
        while (above.Length > _target.Length && !File.Exists(above))
        {
            above = Path.GetDirectoryName(above)!;
        }

        return above.Length > _target.Length ? above : null;
    }

    private string NameOf(string path) => Path.GetRelativePath(_target, path);

    /// <summary>Of the entry's mode only whether it may be run counts; what a native action runs always may.</summary>
    private void WriteFile(string path, Stream content, UnixFileMode mode)
    {
        Count();
        MakeFolder(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = (mode & AnyExecute) != 0 || path == Path.Combine(_target, ProgramFile) ? CodeFileMode.Executable : CodeFileMode.Plain;
        }

        using var file = Place(path, () => new FileStream(path, options));
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBufferBytes);
        try
        {
            for (int read; (read = content.Read(buffer)) > 0;)
            {
                _bytesLeft -= read;
                if (_bytesLeft < 0)
                {
                    throw new ArchiveException($"it unpacks to more than {_megabytesMax} MB");
                }

                file.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ArchiveException TooManyEntries() => new($"it holds more than {_entriesMax} entries");

    private static ArchiveException Refused(string name, string reason) => new($"its entry '{name}' {reason}");
}
