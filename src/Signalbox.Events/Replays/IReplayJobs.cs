namespace Signalbox.Events.Replays;

/// <summary>What <see cref="ReplayRunner"/> needs of the tables. The simulation puts others in their place that fail at random.</summary>
internal interface IReplayJobs
{
    /// <summary>Those that have not ended, oldest first. <see cref="Replay.Outstanding"/> only says whether anything is: it may be 1 for many.</summary>
    Task<IReadOnlyList<Replay>> ListActiveAsync(CancellationToken cancellationToken);

    /// <summary>Of the deliveries that all replays of a registration owe, how many are due now: retries that wait do not count.</summary>
    Task<int> CountDueAsync(long registrationKey, CancellationToken cancellationToken);

    /// <summary>
    /// Owes the next events of a replay, at most so many, and moves its cursor in the same commit. Returns how many
    /// deliveries there are more; null when it does not run any more or its registration is not active.
    /// </summary>
    Task<int?> AdvanceAsync(Replay replay, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Withdraws what a cancelled replay owes, into the dead letters, so that nothing is lost. What of it was under way and
    /// is delivered after all ceases to be a dead letter then. False when there may be more.
    /// </summary>
    Task<bool> WithdrawAsync(Replay replay, CancellationToken cancellationToken);

    /// <summary>Says that a replay has ended.</summary>
    Task EndAsync(string id, ReplayState state, CancellationToken cancellationToken);

    /// <summary>Forgets replays that ended longer ago than this.</summary>
    Task<int> DeleteEndedAsync(TimeSpan age, CancellationToken cancellationToken);
}
