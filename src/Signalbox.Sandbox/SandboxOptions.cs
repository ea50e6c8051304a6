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

    /// <summary>The host's own network, loopback included: for development.</summary>
    Host,
}

/// <summary>Settings of the sandbox pool. Bound from the configuration section <c>Sandbox</c>.</summary>
public sealed record SandboxOptions
{
    /// <summary>Sockets and unpacked code of this server's life; emptied at start.</summary>
    public required string WorkDirectory { get; init; }

    public SandboxIsolation Isolation { get; init; } = SandboxIsolation.Bubblewrap;

    public SandboxNetwork Network { get; init; } = SandboxNetwork.None;

    /// <summary>Memory of all processes together, by their limits, in MB.</summary>
    public int MemoryBudgetMb { get; init; } = 8_192;

    /// <summary>An idle process of an action is ended after this time.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Processes kept started, without code, for each default kind.</summary>
    public int PrestartedProcesses { get; init; } = 2;

    /// <summary>Activations that may wait for a place; more are refused.</summary>
    public int QueueLength { get; init; } = 1_000;

    /// <summary>How long an activation may wait for a place before it is refused.</summary>
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
