using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Signalbox.Storage.Faults;

/// <summary>
/// Breaks the process at a named <see cref="Failpoint"/>, for the crash suite. Armed once, at the start, by the
/// environment variable <c>SIGNALBOX_FAILPOINTS</c>: <c>NAME=ACTION[@N]</c>, several separated by semicolons. The action
/// happens once, at the N-th pass (the first, when no N is given): <c>kill</c> (SIGKILL), <c>stop</c> (SIGSTOP), or
/// <c>error</c> (a <see cref="FailpointException"/>, as of a failing disk). Not armed, a failpoint is one test of a field.
/// </summary>
public static class Failpoints
{
    public const string Variable = "SIGNALBOX_FAILPOINTS";

    private const int SigKill = 9;
    private const int SigStop = 19;

    private static Dictionary<string, Armed>? _armed;

    /// <summary>Arms what the text says; null or empty: nothing.</summary>
    /// <exception cref="FormatException">An unknown name or action; the message says which there are.</exception>
    public static void Arm(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            _armed = null;
            return;
        }

        _armed = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(Parse).ToDictionary(a => a.Name, StringComparer.Ordinal);
    }

    /// <summary>Passes a failpoint: nothing happens unless it is armed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pass(string name)
    {
        if (_armed is not null)
        {
            PassArmed(name);
        }
    }

    private static void PassArmed(string name)
    {
        if (_armed is not { } armed || !armed.TryGetValue(name, out var point) || Interlocked.Increment(ref point.Passes) != point.At)
        {
            return;
        }

        Console.Error.WriteLine($"failpoint {name}: {point.Action} at pass {point.At}");
        switch (point.Action)
        {
            case "kill":
                _ = kill(Environment.ProcessId, SigKill);
                Thread.Sleep(Timeout.Infinite);
                break;
            case "stop":
                _ = kill(Environment.ProcessId, SigStop);
                break;
            default:
                throw new FailpointException(name);
        }
    }

    private static Armed Parse(string text)
    {
        var parts = text.Split('=', 2);
        var action = parts.Length == 2 ? parts[1].Split('@', 2) : [];
        var at = 1;
        return parts.Length == 2
            && Failpoint.All.Contains(parts[0])
            && action[0] is "kill" or "stop" or "error"
            && (action.Length == 1 || (int.TryParse(action[1], NumberStyles.None, CultureInfo.InvariantCulture, out at) && at > 0))
            ? new Armed(parts[0], action[0], at)
            : throw new FormatException(
                $"{Variable}: '{text}' is no NAME=ACTION[@N]. Names: {string.Join(", ", Failpoint.All)}. Actions: kill, stop, error.");
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
#pragma warning disable SYSLIB1054, IDE1006, SA1300 // The C library's own name; two integers need no generated code.
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, IDE1006, SA1300

    [DebuggerDisplay("{Name}={Action}@{At}")]
    private sealed class Armed(string name, string action, int at)
    {
        public int Passes;

        public string Name { get; } = name;

        public string Action { get; } = action;

        public int At { get; } = at;
    }
}
