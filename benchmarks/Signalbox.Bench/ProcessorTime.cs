using System.Globalization;

namespace Signalbox.Bench;

/// <summary>Processor time, which other work on the machine falsifies less than it does the time of the clock.</summary>
internal static class ProcessorTime
{
    private const double TicksPerSecond = 100;
    private const int UserField = 11;
    private const int SystemField = 12;

    /// <summary>What a process has used so far, in seconds of user and of system time; nothing when it is gone.</summary>
    public static (double User, double System) Of(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            // The name in parentheses may hold anything; the fields are counted behind it.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (Seconds(fields[UserField]), Seconds(fields[SystemField]));
        }
        catch (IOException)
        {
            return default;
        }
    }

    private static double Seconds(string ticks) => long.Parse(ticks, CultureInfo.InvariantCulture) / TicksPerSecond;
}
