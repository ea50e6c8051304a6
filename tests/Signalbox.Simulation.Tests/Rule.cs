namespace Signalbox.Simulation.Tests;

/// <summary>What every scenario must keep.</summary>
internal enum Rule
{
    /// <summary>Every event is taken by each of its endpoints at least once, or ended for a documented reason.</summary>
    EventualDelivery,

    /// <summary>Nothing is attempted after its success, its refusal or its end was durable.</summary>
    NothingAfterTheEnd,

    /// <summary>No attempt starts before the time that the table has for it.</summary>
    NotBeforeItsTime,

    /// <summary>An endpoint that asked for a pause gets it in full.</summary>
    PauseHonoured,

    /// <summary>An attempt whose outcome could not be kept is not repeated at once, for as long as the store fails.</summary>
    NoHammering,

    /// <summary>The attempts of an event carry the retry counts 0, 1, 2 … as the table has them.</summary>
    RetryCount,

    /// <summary>One process never attempts the same event twice at once.</summary>
    OneAttemptAtATime,

    /// <summary>In an ordered registration no event starts before all earlier ones have ended.</summary>
    Order,

    /// <summary>Requests under way, to one and to all, stay within the settings; so does what memory holds.</summary>
    Bounds,

    /// <summary>A batch has at most 20 events, of one registration and one retry count.</summary>
    Batch,

    /// <summary>Whatever starts after an edit goes where the registration goes then, in the way that it has then.</summary>
    Settings,

    /// <summary>A registration with a rate gets no more than that.</summary>
    Rate,

    /// <summary>A healthy registration does not wait for others.</summary>
    Fairness,

    /// <summary>A delivery is given up only when it was refused, or when no retry fits into its 24 hours.</summary>
    GiveUp,

    /// <summary>Once all faults are over, everything ends within hours.</summary>
    Progress,

    /// <summary>
    /// A registration becomes unstable as soon as its attempts are bad, disabled only as an unstable one that is bad 24 hours
    /// later, active again otherwise, and leaves its being disabled by an edit only.
    /// </summary>
    StatusMachine,

    /// <summary>Nothing new is pushed to a registration that is disabled or deleted; what it owed before runs on.</summary>
    NotPushed,

    /// <summary>Every attempt of an event carries the same signatures: retries, redrives and replays, over restarts and rotations.</summary>
    Signatures,

    /// <summary>A delivery that ended without success is a dead letter, once; nothing else is.</summary>
    DeadLetters,

    /// <summary>A replay looks at each of its events once, whatever crashes.</summary>
    ReplayedOnce,

    /// <summary>What all replays of a registration owe anew is never more than a share of its window.</summary>
    ReplayShare,
}
