using System.Globalization;
using Signalbox.Sandbox.Isolation;

namespace Signalbox.Sandbox.Pool;

/// <summary>
/// Ends sandboxes that take more memory than they may, on hosts whose kernel cannot be told to. What is counted: all of
/// the interpreter's memory, and what its child processes do not share with it.
/// </summary>
internal static class MemoryWatch
{
    private const long BytesPerMb = 1024 * 1024;

    public static void Check(IEnumerable<SandboxProcess> processes)
    {
        var table = new ProcessTable();
        // One that is paused, or has no code yet, takes no more.
        foreach (var process in processes.Where(process => process.IsBusy))
        {
            if (Bytes(process, table) > process.MemoryMb * BytesPerMb)
            {
                process.KillForMemory();
            }
        }
    }

    private static long Bytes(SandboxProcess process, ProcessTable table) =>
        process.List(table).Sum(pid => Pages(pid, withShared: pid == process.InterpreterPid)) * Environment.SystemPageSize;

    private static long Pages(int pid, bool withShared)
    {
        try
        {
            // The second and third fields of statm: resident pages, and those of them that are files or shared.
            var fields = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/statm")).Split(' ');
            var resident = long.Parse(fields[1], CultureInfo.InvariantCulture);
            return withShared ? resident : resident - long.Parse(fields[2], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
