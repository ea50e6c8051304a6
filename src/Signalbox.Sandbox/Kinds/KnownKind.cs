namespace Signalbox.Sandbox.Kinds;

/// <summary>A kind, and how far this machine is with it.</summary>
internal sealed class KnownKind
{
    public required SandboxKind Kind { get; init; }

    public required KindFolder Folder { get; init; }

    public required KindEntry Entry { get; init; }

    /// <summary>The interpreter that the machine has; null: it is installed on first use, or cannot be had.</summary>
    public FoundInterpreter? Found { get; set; }

    /// <summary>True when the interpreter was found on the machine or configured, not fetched.</summary>
    public bool IsOwn { get; init; }

    /// <summary>With everything in place; null until it was prepared.</summary>
    public Interpreter? Ready { get; set; }

    /// <summary>The preparation that is under way, or ended last.</summary>
    public Task<Interpreter>? Preparation { get; set; }

    /// <summary>When a failed preparation may be tried again.</summary>
    public long RetryAt { get; set; }

    /// <summary>An interpreter as it was found, without the modules that come with the kind.</summary>
    public Interpreter Describe(FoundInterpreter found)
    {
        var manifest = Folder.Manifest;
        string[] needLibraries = [found.Executable, .. found.LibraryFolders.Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, "*.so"))];
        return new Interpreter
        {
            Kind = Kind,
            Manifest = manifest,
            Path = found.Executable,
            Version = found.Version,
            Libraries = SharedLibraries.Of(needLibraries),
            Mounts = [.. found.Mounts, .. manifest.Mounts],
            Hidden = found.Hidden,
        };
    }
}
