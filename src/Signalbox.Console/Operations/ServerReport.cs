namespace Signalbox.WebConsole.Operations;

/// <summary>What the operations page tells of the rooms that the console does not know.</summary>
public sealed record ServerReport
{
    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary><c>sqlite</c> or <c>postgresql</c>.</summary>
    public required string DatabaseEngine { get; init; }

    /// <summary>Bytes of the database on its disk; null when it could not be measured.</summary>
    public required long? DatabaseBytes { get; init; }

    /// <summary>Bytes that are free for the data directory; null when it could not be measured.</summary>
    public required long? FreeBytes { get; init; }

    public required string DataDirectory { get; init; }

    /// <summary>Processes of actions, pre-started ones included.</summary>
    public required int SandboxProcesses { get; init; }

    /// <summary>Activations that run now.</summary>
    public required int RunningActivations { get; init; }

    /// <summary>How actions are closed off on this machine; null while the server is still trying it out.</summary>
    public required SandboxProtection? Protection { get; init; }

    /// <summary>Each kind of action, and null or why it does not run here.</summary>
    public required IReadOnlyList<KindReport> Kinds { get; init; }

    /// <summary>What is kept for how long.</summary>
    public required IReadOnlyList<Retention> Retention { get; init; }
}

/// <summary>A kind of action; null as what is missing: it runs here.</summary>
public sealed record KindReport(string Name, string? Missing);

/// <summary>What is kept, and for how long.</summary>
public sealed record Retention(string What, TimeSpan For);

/// <summary>How actions are closed off.</summary>
public sealed record SandboxProtection(bool CanRun, string Network, IReadOnlyList<string> InForce, IReadOnlyList<string> Missing);
