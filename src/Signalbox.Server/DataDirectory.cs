namespace Signalbox.Server;

/// <summary>The data folder, held by one server at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    /// <summary><c>EAGAIN</c>: somebody holds the lock.</summary>
    private const int LockedOnLinux = 11;

    /// <summary><c>ERROR_SHARING_VIOLATION</c>.</summary>
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held)
    {
        FullPath = path;
        _lock = held;
        NodeName = FindNodeName();
    }

    public string FullPath { get; }

    /// <summary>
    /// Names whoever holds the folder: the same after each start, so that what it had begun is known as its own again.
    /// </summary>
    public string NodeName { get; }

    /// <summary>Creates the folder when it is missing (mode 0700) and takes its lock.</summary>
    /// <exception cref="SettingsException">Another server holds it, or it cannot be written.</exception>
    public static DataDirectory Open(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(full);
            }
            else
            {
                Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotBeUsed(full, exception);
        }

        try
        {
            var held = new FileStream(Path.Combine(full, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataDirectory(full, held);
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingsException($"The data directory '{full}' cannot be written by this user. Choose another with --data DIR.");
        }
        catch (IOException exception) when (exception.HResult is LockedOnLinux or LockedOnWindows)
        {
            throw new SettingsException($"Another Signalbox runs on the data directory '{full}'. Stop it, or choose another with --data DIR.");
        }
        catch (IOException exception)
        {
            // A file system that is full or mounted read-only, say.
            throw CannotBeUsed(full, exception);
        }
    }

    /// <summary>Writes a file that only this user can read, so that it is whole or absent at any moment.</summary>
    public async Task WritePrivateFileAsync(string name, string content, CancellationToken cancellationToken)
    {
        var target = Path.Combine(FullPath, name);
        var temporary = target + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var stream = new FileStream(temporary, options))
        await using (var writer = new StreamWriter(stream))
        {
            await writer.WriteAsync(content.AsMemory(), cancellationToken);
            await writer.FlushAsync(cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, target, overwrite: true);
    }

    public void Dispose() => _lock.Dispose();

    private static SettingsException CannotBeUsed(string path, Exception exception) =>
        new($"The data directory '{path}' cannot be used: {exception.Message.TrimEnd('.')}. Choose another with --data DIR.");

    private string FindNodeName()
    {
        var file = Path.Combine(FullPath, "node");
        if (File.Exists(file) && Guid.TryParseExact(File.ReadAllText(file).Trim(), "N", out var known))
        {
            return known.ToString("N");
        }

        var name = Guid.NewGuid().ToString("N");
        File.WriteAllText(file + ".new", name + '\n');
        File.Move(file + ".new", file, overwrite: true);
        return name;
    }
}
