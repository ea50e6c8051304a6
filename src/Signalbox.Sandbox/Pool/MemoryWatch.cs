using System.Globalization;

namespace Signalbox.Sandbox.Pool;

/// <summary>Ends processes that take more memory than they may, on hosts whose kernel cannot be told to.</summary>
internal static class MemoryWatch
{
    private const long BytesPerMb = 1024 * 1024;

    public static void Check(IEnumerable<SandboxProcess> processes)
    {
        foreach (var process in processes)
        {
            if (ResidentBytes(process.InterpreterPid) > process.MemoryMb * BytesPerMb)
            {
                process.KillForMemory();
            }
        }
    }

    private static long ResidentBytes(int pid)
    {
        try
        {
            // The second field of statm: resident pages.
            var fields = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/statm")).Split(' ');
            return long.Parse(fields[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
