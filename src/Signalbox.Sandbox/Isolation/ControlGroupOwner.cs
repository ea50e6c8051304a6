using System.Globalization;
using System.Text.RegularExpressions;

namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// How a control group's name tells whose it is: <c>signalbox-PID.START-…</c>, where START is the kernel's count of
/// clock ticks at which the process began, so that another process with the same number is not taken for it.
/// </summary>
internal static partial class ControlGroupOwner
{
    public const string Prefix = "signalbox-";

    /// <summary>Of "pid (name) state parent …", counted from the state.</summary>
    private const int StartField = 19;

    public static string OfThisProcess { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}.{StartOf(Environment.ProcessId)}");

    /// <summary>True: the group is a server's that runs no more. False too for a name that is not ours.</summary>
    public static bool HasEnded(string groupName) =>
        Owned.Match(groupName) is { Success: true } owned
        && int.TryParse(owned.Groups["pid"].ValueSpan, CultureInfo.InvariantCulture, out var pid)
        && StartOf(pid) != owned.Groups["start"].Value;

    /// <summary>Empty: there is no such process.</summary>
    private static string StartOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[StartField];
        }
        catch (IOException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"^signalbox-(?<pid>\d+)\.(?<start>\d+)-")]
    private static partial Regex Owned { get; }
}
