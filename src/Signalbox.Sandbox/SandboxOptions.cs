using System.Runtime.CompilerServices;

namespace Signalbox.Sandbox;

/// <summary>How processes are closed off.</summary>
public enum SandboxIsolation
{
    /// <summary>bubblewrap; actions are not run when the host cannot do it.</summary>
    Bubblewrap,

    /// <summary>Plain processes: for development on machines that cannot isolate. Every log warns.</summary>
    None,
}

/// <summary>What an action's network reaches.</summary>
public enum SandboxNetwork
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Public addresses, and this server's own API; nothing of the host's or of private networks.</summary>
    Internet,

    /// <summary>The host's own network, loopback included: for development.</summary>
    Host,
}

/// <summary>Settings of the sandbox pool. Bound from the configuration section <c>Sandbox</c>.</summary>
public sealed record SandboxOptions
{
    /// <summary>Sockets and unpacked code of this server's life; emptied at start.</summary>
    public required string WorkDirectory { get; init; }

    public SandboxIsolation Isolation { get; init; } = SandboxIsolation.Bubblewrap;

    public SandboxNetwork Network { get; init; } = SandboxNetwork.Internet;

    /// <summary>
    /// Lets the owner of a namespace attach a debugger to its actions. For development: a debugger does what the action
    /// can, and an activation that it holds has no deadline.
    /// </summary>
    public bool AllowInspect { get; init; }

    /// <summary>Networks (<c>10.1.0.0/16</c>) or addresses that actions may reach although they are not public.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Networks or addresses that actions may not reach although they are public.</summary>
    public IReadOnlyList<string> RefusedNetworks { get; init; } = [];

    /// <summary>The program that links the actions' network to the host's: a path, or a name to look up on <c>PATH</c>.</summary>
    public string Pasta { get; init; } = "pasta";

    /// <summary>
    /// Under a root server, processes run as host users from this number on, 65536 of them, which nothing else uses.
    /// </summary>
    public uint FirstUser { get; init; } = 1_879_048_192;

    /// <summary>Interpreters besides those on <c>PATH</c>, which are always looked for.</summary>
    public IReadOnlyList<SandboxInterpreter> Interpreters { get; init; } = [];

    /// <summary>Where fetched interpreters and preinstalled modules lie; null: <c>~/.cache/signalbox/runtimes</c>.</summary>
    public string? RuntimesDirectory { get; init; }

    /// <summary>How long fetching an interpreter or modules may take before it is given up.</summary>
    public TimeSpan InstallTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The bubblewrap executable: a path, or a name to look up on <c>PATH</c>.</summary>
    public string Bubblewrap { get; init; } = "bwrap";

    /// <summary>Memory of all processes together, by their limits, in MB.</summary>
    public int MemoryBudgetMb { get; init; } = 8_192;

    /// <summary>
    /// Memory of this server that the log lines of all running activations take together, in MB; what is printed beyond
    /// is left out, and the activation's log says so.
    /// </summary>
    public int LogMemoryMb { get; init; } = 256;

    /// <summary>An idle process of an action is ended after this time.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Processes kept started, without code, for each default kind.</summary>
    public int PrestartedProcesses { get; init; } = 2;

    /// <summary>Memory limit of the pre-started processes, in MB: the limit that most actions have.</summary>
    public int PrestartedMemoryMb { get; init; } = 256;

    /// <summary>
    /// Further combinations of kind and memory size, used by actions lately, of which one process each is kept started.
    /// 0: none.
    /// </summary>
    public int PrestartedUsedSizesMax { get; init; } = 4;

    /// <summary>
    /// A process that answers no heartbeat for this time is busy with one activation's computation: it gets no more of
    /// them until it answers.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A process in which no activation has run for this time is stopped until the next one: what it does after its
    /// answers ends there. 0: it goes on.
    /// </summary>
    public TimeSpan PauseAfter { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Activations that may wait for a place; more are refused.</summary>
    public int QueueLength { get; init; } = 1_000;

    /// <summary>How long an activation may wait for a place before it is refused.</summary>
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a process may take from its start to its first word before it is given up.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the end of the pool waits for running activations.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Size of <c>/tmp</c> of one process, in MB. It is memory of the process.</summary>
    public int TemporaryMb { get; init; } = 64;

    /// <summary>Processes and threads in one sandbox.</summary>
    public int PidsMax { get; init; } = 256;

    /// <summary>
    /// Processors that one sandbox can keep busy, such as 1.5, on hosts with control groups; 0: no cap. Below it, busy
    /// sandboxes share the processors by their memory.
    /// </summary>
    public double ProcessorsMax { get; init; } = 2;

    /// <summary>Open files of one process.</summary>
    public int OpenFilesMax { get; init; } = 1_024;

    /// <summary>Size of an unpacked archive, in MB.</summary>
    public int ArchiveMbMax { get; init; } = 512;

    /// <summary>Files and folders in an archive.</summary>
    public int ArchiveEntriesMax { get; init; } = 50_000;

    /// <exception cref="FormatException">A number or a time is outside its range; the message names it.</exception>
    public void Validate()
    {
        Check(InstallTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(MemoryBudgetMb, 64, int.MaxValue);
        Check(LogMemoryMb, 1, 1 << 20);
        Check(IdleTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(365));
        Check(PrestartedProcesses, 0, 10_000);
        Check(PrestartedMemoryMb, 64, int.MaxValue);
        Check(PrestartedUsedSizesMax, 0, 10_000);
        Check(StallTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Check(PauseAfter, TimeSpan.Zero, TimeSpan.FromDays(1));
        Check(QueueLength, 0, int.MaxValue);
        Check(QueueTimeout, TimeSpan.Zero, TimeSpan.FromDays(1));
        Check(StartTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Check(DrainTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        Check(TemporaryMb, 1, 1 << 20);
        Check(PidsMax, 16, 1 << 22);
        Check(ProcessorsMax, 0, 65_536);
        Check(OpenFilesMax, 64, 1 << 20);
        Check(ArchiveMbMax, 1, 1 << 20);
        Check(ArchiveEntriesMax, 1, int.MaxValue);
    }

    private static void Check<T>(T value, T min, T max, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            throw new FormatException($"Sandbox:{name} is {value}. It must be from {min} to {max}.");
        }
    }
}
