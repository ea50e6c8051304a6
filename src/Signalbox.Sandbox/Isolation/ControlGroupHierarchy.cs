namespace Signalbox.Sandbox.Isolation;

/// <summary>Where this server may make control groups, if the host lets it.</summary>
internal sealed record ControlGroupHierarchy(int Version, string MemoryFolder, string? PidsFolder, string? CpuFolder)
{
    private const string Mount = "/sys/fs/cgroup";
    private const int ProbeMb = 64;
    private const int ProbePids = 16;

    /// <summary>The hierarchy in which a group could be made on trial; null when there is none.</summary>
    public static ControlGroupHierarchy? Probe(string probeName)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        return Candidates().Select(candidate => candidate.Tried(probeName)).FirstOrDefault(candidate => candidate is not null);
    }

    /// <summary>True: a group can be kept from more than a share of the processors.</summary>
    public bool CapsProcessors { get; private init; }

    /// <summary>Removes the empty groups of servers that were killed, whatever data directory they had.</summary>
    public void RemoveStale()
    {
        foreach (var folder in new[] { MemoryFolder, PidsFolder, CpuFolder }.OfType<string>())
        {
            foreach (var stale in Directory.EnumerateDirectories(folder, ControlGroupOwner.Prefix + "*").Where(group => ControlGroupOwner.HasEnded(Path.GetFileName(group))))
            {
                ControlGroup.TryRemoveFolder(stale);
            }
        }
    }

    private static IEnumerable<ControlGroupHierarchy> Candidates()
    {
        if (File.Exists($"{Mount}/cgroup.controllers"))
        {
            var own = OwnFolder(Mount, "");
            EnableForChildren(own, "+memory +pids");
            EnableForChildren(own, "+cpu");
            yield return new ControlGroupHierarchy(2, own, null, null);
        }

        if (Directory.Exists($"{Mount}/memory"))
        {
            yield return new ControlGroupHierarchy(1, OwnFolder($"{Mount}/memory", "memory"), IfMounted("pids"), IfMounted("cpu"));
        }
    }

    /// <summary>The kernel allows it in the root group, and in a group that holds no process itself.</summary>
    private static void EnableForChildren(string folder, string controllers)
    {
        try
        {
            File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), controllers);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whether limits can be set all the same is found out by trying.
        }
    }

    private static string? IfMounted(string controller)
    {
        var mount = $"{Mount}/{controller}";
        return Directory.Exists(mount) ? OwnFolder(mount, controller) : null;
    }

    /// <summary>The group this server runs in, as this mount shows it; groups below it are bounded by the server's own limits.</summary>
    private static string OwnFolder(string mount, string controller)
    {
        // Lines are "number:controllers:/path"; version 2 has no controllers.
        var own = File.ReadLines("/proc/self/cgroup")
            .Select(line => line.Split(':', 3))
            .FirstOrDefault(parts => parts[1].Split(',').Contains(controller))?[2] ?? "/";
        var folder = mount + own.TrimEnd('/');
        return Directory.Exists(folder) ? folder : mount;
    }

    /// <summary>The hierarchy with what it turned out to offer; null: no group can be made in it.</summary>
    private ControlGroupHierarchy? Tried(string probeName)
    {
        try
        {
            var group = ControlGroup.Create(this, probeName, new ControlGroupLimits(ProbeMb, ProbePids, ProcessorsMax: 1));
            var caps = group.CapsProcessors;
            return group.TryRemove() ? this with { CapsProcessors = caps } : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ControlGroup.TryRemoveFolder(Path.Combine(MemoryFolder, probeName));
            return null;
        }
    }
}
