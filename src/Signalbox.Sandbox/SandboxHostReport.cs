namespace Signalbox.Sandbox;

/// <summary>What this machine can do for the isolation of actions, as found by trying it at start.</summary>
public sealed record SandboxHostReport
{
    /// <summary>False: no action is run.</summary>
    public required bool CanRun { get; init; }

    /// <summary>What actions reach, which may be less than the settings ask for.</summary>
    public required SandboxNetwork Network { get; init; }

    /// <summary>Protections that are in force, each a short phrase.</summary>
    public required IReadOnlyList<string> Protections { get; init; }

    /// <summary>Protections that are missing, each with what to do about it.</summary>
    public required IReadOnlyList<string> Missing { get; init; }
}
