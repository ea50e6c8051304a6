namespace Signalbox.Sandbox.Kinds;

/// <summary>Looks up executables.</summary>
internal static class Executable
{
    /// <summary>The absolute path of a name on <c>PATH</c>, or of a path itself; null when no such file exists.</summary>
    public static string? Find(string nameOrPath)
    {
        if (nameOrPath.Contains('/'))
        {
            return File.Exists(nameOrPath) ? Path.GetFullPath(nameOrPath) : null;
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, nameOrPath))
            .FirstOrDefault(File.Exists);
    }

    public static string ResolveLinks(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
}
