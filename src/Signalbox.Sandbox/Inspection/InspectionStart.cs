namespace Signalbox.Sandbox.Inspection;

/// <summary>A debugger's way into an action, or the reason why there is none.</summary>
public sealed record InspectionStart
{
    private InspectionStart(InspectionStatus status, Inspector? inspector, string? reason)
    {
        Status = status;
        Inspector = inspector;
        Reason = reason;
    }

    public InspectionStatus Status { get; }

    /// <summary>Set when <see cref="Status"/> is <see cref="InspectionStatus.Open"/>. The caller closes it.</summary>
    public Inspector? Inspector { get; }

    /// <summary>What is the matter, and the remedy; null when it is open.</summary>
    public string? Reason { get; }

    internal static InspectionStart Open(Inspector inspector) => new(InspectionStatus.Open, inspector, null);

    internal static InspectionStart Refused(InspectionStatus status, string reason) => new(status, null, reason);
}
