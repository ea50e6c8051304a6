namespace Signalbox.Sandbox.Inspection;

/// <summary>How the wish to debug an action was met.</summary>
public enum InspectionStatus
{
    Open,

    /// <summary>A debugger is attached to this action already.</summary>
    Occupied,

    /// <summary>Not built for the action's kind.</summary>
    NotBuilt,

    /// <summary>No process can be had, or this server lets no debugger in.</summary>
    Unavailable,
}
