namespace Signalbox.Events.Delivery;

/// <summary>How the run of an attempt ended for the dispatcher.</summary>
/// <param name="At">The time of day.</param>
/// <param name="RetryIn">How soon after that one of its deliveries is due again; null when none is.</param>
internal abstract record AttemptEnd(DateTimeOffset At, TimeSpan? RetryIn)
{
    /// <summary>The outcome is in the table.</summary>
    public sealed record Kept(AttemptReport Report) : AttemptEnd(Report.EndedAt, Report.RetryAt - Report.EndedAt);

    /// <summary>Its outcome could not be kept: the table still owes it, or nobody knows.</summary>
    /// <param name="At">The time of day.</param>
    /// <param name="NotBefore">The endpoint asks all the same not to be called before.</param>
    public sealed record Broke(DateTimeOffset At, DateTimeOffset? NotBefore = null) : AttemptEnd(At, TimeSpan.FromMinutes(1));

    /// <summary>It waited so long that another node may soon take it: it was not sent, and is claimed anew.</summary>
    public sealed record Postponed(DateTimeOffset At) : AttemptEnd(At, TimeSpan.Zero);

    /// <summary>The server stopped before it ended: the next start repeats it.</summary>
    public sealed record Abandoned(DateTimeOffset At) : AttemptEnd(At, null);
}
