using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Actions;

/// <summary>An action: code, a sequence, or one of this server's own.</summary>
internal sealed record ActionEntity : Entity
{
    public required ActionExec Exec { get; init; }

    public required ActionLimits Limits { get; init; }

    public bool IsWeb => Annotations.IsTruthy("web-export");
}

/// <summary>The limits of one action (OpenWhisk behaviour, section 7).</summary>
internal sealed record ActionLimits(int TimeoutMs, int MemoryMb, int LogsMb, int Concurrency);
