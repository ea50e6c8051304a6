namespace Signalbox.Storage;

/// <summary>The folder of the keys that encrypt the secrets in the database (<c>keys/</c>).</summary>
public sealed class KeyRing(StorageOptions options, SecretProtector secrets)
{
    /// <summary>Where it lies.</summary>
    public static string FolderOf(StorageOptions options) => Path.Combine(Path.GetFullPath(options.DataDirectory), "keys");

    /// <summary>
    /// Makes the first key for an empty database. For another, the key that it was written with must be there: a new one would
    /// read nothing, and lie where the lost ones are put back.
    /// </summary>
    /// <exception cref="InvalidDataException">There is no key.</exception>
    public void Prepare(bool isDatabaseEmpty)
    {
        var folder = FolderOf(options);
        if (!isDatabaseEmpty && !HasKey(folder))
        {
            throw new InvalidDataException(
                $"The key ring '{folder}' has no key, and without the keys that the database was written with its secrets cannot be read. "
                + $"Put back those that were kept with this database: cp -aT backup-keys '{folder}' (docs/operating.md, \"Backup\")");
        }

        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if (!HasKey(folder))
        {
            secrets.Protect("storage.first-key", "");
        }
    }

    /// <summary>True when there is a key, whichever.</summary>
    internal static bool HasKey(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "key-*.xml").Any();
}
