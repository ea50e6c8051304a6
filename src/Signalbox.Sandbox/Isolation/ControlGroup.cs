using System.Globalization;

namespace Signalbox.Sandbox.Isolation;

/// <summary>One process's control group: its folders in the version 1 hierarchies, or its one folder in version 2.</summary>
internal sealed class ControlGroup
{
    /// <summary>A process of this size weighs as much as any other thread of the host; CPU time is shared by memory, as OpenWhisk does.</summary>
    private const int StandardMemoryMb = 256;

    private const string ProcessFile = "cgroup.procs";

    private readonly IReadOnlyList<string> _folders;
    private readonly string _outOfMemoryFile;

    private ControlGroup(IReadOnlyList<string> folders, string outOfMemoryFile)
    {
        _folders = folders;
        _outOfMemoryFile = outOfMemoryFile;
    }

    /// <summary>True: the kernel keeps the group from more than its share of the processors.</summary>
    public bool CapsProcessors { get; private init; }

    /// <summary>A process that writes its id to each of these enters the group.</summary>
    public IEnumerable<string> ProcessFiles => _folders.Select(folder => Path.Combine(folder, ProcessFile));

    /// <exception cref="IOException">The folders cannot be made or the limits not set.</exception>
    public static ControlGroup Create(ControlGroupHierarchy hierarchy, string name, ControlGroupLimits limits)
    {
        var memoryBytes = limits.MemoryMb * 1024L * 1024;
        var memory = Directory.CreateDirectory(Path.Combine(hierarchy.MemoryFolder, name)).FullName;
        var folders = new List<string> { memory };
        if (hierarchy.Version == 2)
        {
            Write(memory, "memory.max", memoryBytes);
            TryWrite(memory, "memory.swap.max", 0);
            TryWrite(memory, "memory.oom.group", 1);
            TryWrite(memory, "pids.max", limits.PidsMax);
            TryWrite(memory, "cpu.weight", Math.Clamp(limits.MemoryMb * 100L / StandardMemoryMb, 1, 10_000));
            var isCapped = limits.ProcessorsMax > 0
                && TryWrite(memory, "cpu.max", string.Create(CultureInfo.InvariantCulture, $"{limits.QuotaUs} {ControlGroupLimits.PeriodUs}"));
            return new ControlGroup(folders, Path.Combine(memory, "memory.events")) { CapsProcessors = isCapped };
        }

        Write(memory, "memory.limit_in_bytes", memoryBytes);
        TryWrite(memory, "memory.memsw.limit_in_bytes", memoryBytes);
        if (hierarchy.PidsFolder is not null)
        {
            var pids = Directory.CreateDirectory(Path.Combine(hierarchy.PidsFolder, name)).FullName;
            folders.Add(pids);
            TryWrite(pids, "pids.max", limits.PidsMax);
        }

        var caps = false;
        if (hierarchy.CpuFolder is not null)
        {
            var cpu = Directory.CreateDirectory(Path.Combine(hierarchy.CpuFolder, name)).FullName;
            folders.Add(cpu);
            TryWrite(cpu, "cpu.shares", Math.Max(2, limits.MemoryMb * 1024L / StandardMemoryMb));
            caps = limits.ProcessorsMax > 0
                && TryWrite(cpu, "cpu.cfs_period_us", ControlGroupLimits.PeriodUs)
                && TryWrite(cpu, "cpu.cfs_quota_us", limits.QuotaUs);
        }

        return new ControlGroup(folders, Path.Combine(memory, "memory.oom_control")) { CapsProcessors = caps };
    }

    /// <summary>True when the kernel ended a process of the group because of the memory limit.</summary>
    public bool HasRunOutOfMemory()
    {
        try
        {
            return File.ReadLines(_outOfMemoryFile)
                .Any(line => line.StartsWith("oom_kill ", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The ids of the group's processes.</summary>
    public IReadOnlyCollection<int> ListProcesses()
    {
        try
        {
            return [.. File.ReadLines(Path.Combine(_folders[0], ProcessFile)).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Removes the group; false while a process of it has not ended yet.</summary>
    public bool TryRemove() => _folders.All(TryRemoveFolder);

    internal static bool TryRemoveFolder(string folder)
    {
        try
        {
            // rmdir, not a recursive delete: the files of a control group cannot be deleted one by one.
            return !Directory.Exists(folder) || NativeMethods.RemoveDirectory(folder) == 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Write(string folder, string file, long value) =>
        File.WriteAllText(Path.Combine(folder, file), value.ToString(CultureInfo.InvariantCulture));

    private static bool TryWrite(string folder, string file, long value) => TryWrite(folder, file, value.ToString(CultureInfo.InvariantCulture));

    private static bool TryWrite(string folder, string file, string value)
    {
        try
        {
            if (!File.Exists(Path.Combine(folder, file)))
            {
                return false;
            }

            File.WriteAllText(Path.Combine(folder, file), value);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The kernel was built without this limit, or it is not ours to set.
            return false;
        }
    }
}
