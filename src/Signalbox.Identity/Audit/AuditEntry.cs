namespace Signalbox.Identity.Audit;

/// <summary>Who changed what.</summary>
public sealed record AuditEntry
{
    /// <summary>In the order of time.</summary>
    public required long Key { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string UserId { get; init; }

    public required string UserName { get; init; }

    /// <summary>A noun and a verb, such as <c>registration.delete</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What was changed: its name or id.</summary>
    public required string Target { get; init; }

    public string? WorkspaceId { get; init; }

    /// <summary>False when it was refused.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>Why it was refused, or what else is worth knowing; never a secret.</summary>
    public required string Detail { get; init; }
}
