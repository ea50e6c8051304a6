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

    /// <summary>A restart does not know of the pauses that endpoints asked for.</summary>
    ForgetsPauses,

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

    /// <summary>The engine does not hear of edits before it is next offered an event, or looks.</summary>
    HidesEdits,

    /// <summary>Each attempt is started twice.</summary>
    StartsTwice,

    /// <summary>What could not be kept is reported as kept, and as due again at once.</summary>
    HidesStoreFailures,

    /// <summary>A registration is disabled without having been unstable.</summary>
    SkipsUnstable,

    /// <summary>An unstable registration is judged again after an hour.</summary>
    JudgesEarly,

    /// <summary>Failures are not counted.</summary>
    ForgetsFailures,

    /// <summary>Deliveries that are owed go when their registration is disabled or deleted.</summary>
    CancelsOnDisable,

    /// <summary>New events are pushed to disabled registrations.</summary>
    PushesToDisabled,

    /// <summary>Attempts are signed by the keys of their own time.</summary>
    SignsByNow,

    /// <summary>What is given up is not kept.</summary>
    ForgetsLetters,

    /// <summary>A dead letter that is redriven or replayed stays one.</summary>
    KeepsLetters,

    /// <summary>A replay's cursor does not move in the commit of its deliveries.</summary>
    MovesCursorLater,

    /// <summary>A replay's cursor moves too far.</summary>
    SkipsInReplay,

    /// <summary>The engine is told of a share for replays that is wider than the checks'.</summary>
    WidensShare,

    /// <summary>What was under way when its replay was cancelled, and was delivered, stays a dead letter.</summary>
    KeepsDeliveredLetters,

    /// <summary>The outcome of what a cancelled replay had under way counts for whoever owes the event by then.</summary>
    MistakesOutcomes,
}
