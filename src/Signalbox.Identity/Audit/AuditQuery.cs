namespace Signalbox.Identity.Audit;

/// <summary>Which entries, newest first.</summary>
public sealed record AuditQuery
{
    public string? UserId { get; init; }

    public string? WorkspaceId { get; init; }

    /// <summary>What the action begins with, such as <c>registration.</c>.</summary>
    public string? Action { get; init; }

    /// <summary>Only entries before this key.</summary>
    public long? Before { get; init; }

    /// <summary>1 to 200.</summary>
    public int Limit { get; init; } = 50;
}
