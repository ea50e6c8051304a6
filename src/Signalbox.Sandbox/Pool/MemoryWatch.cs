using System.Globalization;
using Signalbox.Sandbox.Isolation;

namespace Signalbox.Sandbox.Pool;

/// <summary>
/// Ends sandboxes that take more memory than they may, on hosts whose kernel cannot be told to. What is counted: all of
/// the interpreter's memory, and of its child processes all but the files that they map, which they share with it.
/// Memory that processes share on purpose counts for each of them.
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
        process.List(table).Sum(pid => Bytes(pid, withFiles: pid == process.InterpreterPid));

    private static long Bytes(int pid, bool withFiles)
    {
        try
        {
            // Lines such as "RssShmem:     1024 kB".
            return File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"))
                .Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("RssShmem:", StringComparison.Ordinal)
                    || (withFiles && line.StartsWith("RssFile:", StringComparison.Ordinal)))
                .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
