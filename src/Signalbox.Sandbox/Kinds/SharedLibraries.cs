namespace Signalbox.Sandbox.Kinds;

/// <summary>The shared libraries that an executable needs, so that a sandbox holds these and nothing else.</summary>
internal static class SharedLibraries
{
    /// <summary>Parts of the C library that are loaded on demand: name lookup and what native add-ons link to.</summary>
    private static readonly string[] _onDemand =
        ["libresolv.so.2", "librt.so.1", "libutil.so.1", "libanl.so.1", "libnss_files.so.2", "libnss_dns.so.2"];

    /// <summary>Absolute paths; empty when the executable is static or <c>ldd</c> is missing.</summary>
    public static IReadOnlyList<string> Of(string executable)
    {
        // Lines are "name => /path (0x…)" or, for the loader itself, "/path (0x…)".
        var libraries = Executable.Output("ldd", executable)
            .Split('\n', StringSplitOptions.TrimEntries)
            .Select(line => line[(line.IndexOf("=> ", StringComparison.Ordinal) is var at && at >= 0 ? at + 3 : 0)..])
            .Where(line => line.StartsWith('/'))
            .Select(line => line.Split(' ')[0])
            .ToList();
        if (libraries.Find(path => Path.GetFileName(path) == "libc.so.6") is { } libc)
        {
            libraries.AddRange(_onDemand.Select(name => Path.Combine(Path.GetDirectoryName(libc)!, name)).Where(File.Exists));
        }

        return [.. libraries.Distinct()];
    }
}
