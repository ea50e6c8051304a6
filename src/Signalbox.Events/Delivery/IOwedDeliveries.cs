using Signalbox.Events.DeadLetters;

namespace Signalbox.Events.Delivery;

/// <summary>What <see cref="DueDeliveries"/> needs of the table. The simulation puts one that fails at random in its place.</summary>
internal interface IOwedDeliveries
{
    /// <summary>Who has rows due now, and when the next one falls due.</summary>
    Task<DueOverview> FindDueAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Until when endpoints asked not to be called, as far as that is not over; what is over is forgotten.</summary>
    Task<IReadOnlyList<(long RegistrationKey, DateTimeOffset Until)>> FindPausesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Claims due rows of a registration, the longest due first. Rows that this process already claimed are among them.
    /// Fewer than <paramref name="limit"/> are all that can be claimed.
    /// </summary>
    /// <param name="registrationKey">The registration.</param>
    /// <param name="after">Only rows behind this place; null: all.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<ClaimedRow>> ClaimDueAsync(long registrationKey, DuePlace? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Claims the first rows of a registration in the order of the events, up to the first that is not due or that another
    /// node works on. Rows that this process already claimed are among them.
    /// </summary>
    Task<IReadOnlyList<ClaimedRow>> ClaimFirstAsync(long registrationKey, int limit, CancellationToken cancellationToken);

    /// <summary>Ends a delivery without an attempt; the dead letter is kept in the same commit, when there is one.</summary>
    Task RemoveAsync(DeliveryKey key, string? replayId, DeadLetter? letter, CancellationToken cancellationToken);

    /// <summary>Ends what is owed to a registration that is gone.</summary>
    Task RemoveAllAsync(long registrationKey, CancellationToken cancellationToken);
}
