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

    /// <summary>A registration with a rate gets no more than that.</summary>
    Rate,

    /// <summary>A healthy registration does not wait for others.</summary>
    Fairness,

    /// <summary>A delivery is given up only when it was refused, or when no retry fits into its 24 hours.</summary>
    GiveUp,

    /// <summary>Once all faults are over, everything ends within hours.</summary>
    Progress,
}
