using Signalbox.Sandbox.Isolation;

namespace Signalbox.Sandbox.Kinds;

/// <summary>What a kind's <c>find.sh</c> said: lines of <c>key=value</c>.</summary>
/// <param name="Executable">Absolute path, links resolved.</param>
/// <param name="Version">Such as 20.20.2.</param>
/// <param name="Mounts">Files and folders that the sandbox shows where they are (<c>mount=</c>).</param>
/// <param name="Hidden">Folders below them that the sandbox shows empty (<c>hide=</c>).</param>
/// <param name="LibraryFolders">Folders whose shared libraries need others (<c>libraries=</c>).</param>
internal sealed record FoundInterpreter(
    string Executable, string Version, IReadOnlyList<string> Mounts, IReadOnlyList<string> Hidden, IReadOnlyList<string> LibraryFolders)
{
    /// <summary>Asks the script for the machine's interpreter, or for what it says of one that is given; null: there is none.</summary>
    public static FoundInterpreter? Ask(string script, string? executable = null)
    {
        string[] arguments = executable is null ? ["-c", script, "find.sh"] : ["-c", script, "find.sh", executable];
        var answers = Commands.Output(["/bin/sh", .. arguments])
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var path = answers["executable"].FirstOrDefault();
        var version = answers["version"].FirstOrDefault();
        return path is null || version is null || !File.Exists(path)
            ? null
            : new FoundInterpreter(
                Kinds.Executable.ResolveLinks(path), version, [.. answers["mount"]], [.. answers["hide"]], [.. answers["libraries"]]);
    }
}
