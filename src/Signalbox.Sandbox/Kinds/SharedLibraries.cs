using Signalbox.Sandbox.Isolation;

namespace Signalbox.Sandbox.Kinds;

/// <summary>The shared libraries that executables need, so that a sandbox holds these and nothing else.</summary>
internal static class SharedLibraries
{
    /// <summary>Libraries that are loaded on demand: parts of the C library, and what native modules are linked to.</summary>
    private static readonly string[] _onDemand =
    [
        "libresolv.so.2", "librt.so.1", "libutil.so.1", "libanl.so.1", "libnss_files.so.2", "libnss_dns.so.2",
        "libdl.so.2", "libpthread.so.0", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1",
    ];

    /// <summary>Absolute paths; empty when all executables are static or <c>ldd</c> is missing.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> executables)
    {
        // Lines are "name => /path (0x…)" or, for the loader itself, "/path (0x…)"; "/path:" heads each of several.
        var libraries = Commands.Output(["ldd", .. executables])
            .Split('\n', StringSplitOptions.TrimEntries)
            .Select(line => line[(line.IndexOf("=> ", StringComparison.Ordinal) is var at && at >= 0 ? at + 3 : 0)..])
            .Where(line => line.StartsWith('/') && !line.EndsWith(':'))
            .Select(line => line.Split(' ')[0])
            .ToList();
        if (libraries.Find(path => Path.GetFileName(path) == "libc.so.6") is { } libc)
        {
            libraries.AddRange(_onDemand.Select(name => Path.Combine(Path.GetDirectoryName(libc)!, name)).Where(File.Exists));
        }

        return [.. libraries.Distinct()];
    }
}
