using System.Globalization;

namespace Signalbox.Bench;

/// <summary>Memory of one interpreter in a sandbox, in MB.</summary>
internal readonly record struct SandboxUse(int Pid, double ResidentMb, double ProportionalMb)
{
    private const double KilobytesPerMb = 1024;

    /// <summary>Every launcher among the descendants of a process, at whatever depth.</summary>
    public static IReadOnlyList<SandboxUse> Below(int pid)
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Read(folder + "/stat") is { } stat)
            {
                // The name in parentheses may hold anything; the fields follow the last one.
                parents[id] = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
            }
        }

        return
        [
            .. parents.Keys
                .Where(id => IsBelow(id, pid, parents) && IsLauncher(id))
                .Select(id => (Id: id, Text: Read($"/proc/{id}/smaps_rollup")))
                .Where(found => found.Text is not null)
                .Select(found => new SandboxUse(found.Id, Field(found.Text!, "Rss:"), Field(found.Text!, "Pss:"))),
        ];
    }

    private static bool IsBelow(int id, int pid, Dictionary<int, int> parents)
    {
        while (parents.TryGetValue(id, out var parent))
        {
            if (parent == pid)
            {
                return true;
            }

            id = parent;
        }

        return false;
    }

    /// <summary>bubblewrap's own processes name the launcher too, but are another program.</summary>
    private static bool IsLauncher(int id) =>
        Read($"/proc/{id}/cmdline") is { } line
        && line.Contains("launcher.cjs", StringComparison.Ordinal)
        && line.Split('\0')[0].EndsWith("node", StringComparison.Ordinal);

    private static double Field(string text, string name) =>
        double.Parse(
            text.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / KilobytesPerMb;

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
