namespace Signalbox.Simulation.Tests;

/// <summary>A fault that is built into the simulated parts on purpose, to prove that the checks find it.</summary>
internal enum Mutation
{
    None,

    /// <summary>A failed delivery is forgotten instead of scheduled.</summary>
    ForgetsRetries,

    /// <summary>The row of a success stays.</summary>
    KeepsSuccesses,

    /// <summary>Rows are read before they are due.</summary>
    ReadsEarly,

    /// <summary>The retry count is not written.</summary>
    ForgetsRetryCount,

    /// <summary>Rows of ordered registrations are read in any order.</summary>
    ReadsOutOfOrder,

    /// <summary>The engine is told of wider limits than the checks are.</summary>
    WidensWindow,

    /// <summary>The engine does not hear of the pauses that endpoints ask for.</summary>
    IgnoresPauses,

    /// <summary>A failed delivery is given up after its third attempt.</summary>
    GivesUpEarly,

    /// <summary>Due rows are never found.</summary>
    NeverLooks,

    /// <summary>Attempts of the last registration run only when nothing else does.</summary>
    StarvesOne,

    /// <summary>The engine does not hear of the registrations' rates.</summary>
    IgnoresRates,

    /// <summary>The engine takes every registration for one with batch delivery.</summary>
    BatchesAll,

    /// <summary>Each attempt is started twice.</summary>
    StartsTwice,

    /// <summary>What could not be kept is reported as kept, and as due again at once.</summary>
    HidesStoreFailures,
}
