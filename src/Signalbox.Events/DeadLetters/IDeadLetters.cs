using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;

namespace Signalbox.Events.DeadLetters;

/// <summary>Deliveries of a registration that ended without success, for whoever speaks for its user.</summary>
public interface IDeadLetters
{
    /// <param name="registration">Whose.</param>
    /// <param name="reason">Null: any.</param>
    /// <param name="olderThan">The last key of the page before; null on the first.</param>
    /// <param name="limit">1 to 100.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<DeadLetterListing> ListAsync(
        Registration registration, DeadLetterReason? reason, long? olderThan, int limit, CancellationToken cancellationToken);

    /// <summary>Delivers one again. The letter that ceased to be, or why not.</summary>
    Task<Outcome<DeadLetter>> RedriveAsync(Registration registration, long key, CancellationToken cancellationToken);

    /// <summary>Delivers all of a reason, or all, again: a replay, which is paced and can be cancelled.</summary>
    Task<Outcome<Replay>> RedriveAllAsync(Registration registration, DeadLetterReason? reason, CancellationToken cancellationToken);

    /// <summary>Removes all of a reason, or all, for good. Returns how many.</summary>
    Task<long> PurgeAsync(Registration registration, DeadLetterReason? reason, CancellationToken cancellationToken);
}
