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

    /// <summary>A process that writes its id to each of these enters the group.</summary>
    public IEnumerable<string> ProcessFiles => _folders.Select(folder => Path.Combine(folder, ProcessFile));

    /// <exception cref="IOException">The folders cannot be made or the limits not set.</exception>
    public static ControlGroup Create(ControlGroupHierarchy hierarchy, string name, int memoryMb, int pidsMax)
    {
        var memoryBytes = memoryMb * 1024L * 1024;
        var memory = Directory.CreateDirectory(Path.Combine(hierarchy.MemoryFolder, name)).FullName;
        var folders = new List<string> { memory };
        if (hierarchy.Version == 2)
        {
            Write(memory, "memory.max", memoryBytes);
            TryWrite(memory, "memory.swap.max", 0);
            TryWrite(memory, "memory.oom.group", 1);
            TryWrite(memory, "pids.max", pidsMax);
            TryWrite(memory, "cpu.weight", Math.Clamp(memoryMb * 100L / StandardMemoryMb, 1, 10_000));
            return new ControlGroup(folders, Path.Combine(memory, "memory.events"));
        }

        Write(memory, "memory.limit_in_bytes", memoryBytes);
        TryWrite(memory, "memory.memsw.limit_in_bytes", memoryBytes);
        if (hierarchy.PidsFolder is not null)
        {
            var pids = Directory.CreateDirectory(Path.Combine(hierarchy.PidsFolder, name)).FullName;
            folders.Add(pids);
            TryWrite(pids, "pids.max", pidsMax);
        }

        if (hierarchy.CpuFolder is not null)
        {
            var cpu = Directory.CreateDirectory(Path.Combine(hierarchy.CpuFolder, name)).FullName;
            folders.Add(cpu);
            TryWrite(cpu, "cpu.shares", Math.Max(2, memoryMb * 1024L / StandardMemoryMb));
        }

        return new ControlGroup(folders, Path.Combine(memory, "memory.oom_control"));
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

    private static void TryWrite(string folder, string file, long value)
    {
        try
        {
            if (File.Exists(Path.Combine(folder, file)))
            {
                Write(folder, file, value);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The kernel was built without this limit.
        }
    }
}
