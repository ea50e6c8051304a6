using Signalbox.Events.Delivery;
using Signalbox.Events.Edge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;

namespace Signalbox.Events.DeadLetters;

/// <inheritdoc cref="IDeadLetters" />
internal sealed class RegistrationDeadLetters(
    DeadLetterStore store, IEventReader events, ReplayService replays, Dispatcher dispatcher) : IDeadLetters
{
    private const int LimitMax = 100;

    public async Task<DeadLetterListing> ListAsync(
        Registration registration, DeadLetterReason? reason, long? olderThan, int limit, CancellationToken cancellationToken)
    {
        var wanted = Math.Clamp(limit, 1, LimitMax);
        var letters = await store.ListAsync(registration.Key, Of(reason), olderThan, wanted + 1, cancellationToken);
        var shown = letters.Take(wanted).ToList();
        var found = (await events.ReadAsync([.. shown.Select(l => l.EventSequence)], cancellationToken)).ToDictionary(e => e.Sequence);
        return new DeadLetterListing(
            [.. shown.Select(l => found.TryGetValue(l.EventSequence, out var e) ? new DeadLetterEntry(l, e.EventId, e.EventCode) : new DeadLetterEntry(l, null, null))],
            letters.Count > wanted)
        {
            Counts = await store.CountUpToAsync(registration.Key, DeadLetterListing.CountMax, cancellationToken),
            Dropped = await store.CountDroppedAsync(registration.Key, cancellationToken),
        };
    }

    public async Task<Outcome<DeadLetter>> RedriveAsync(Registration registration, long key, CancellationToken cancellationToken)
    {
        if (ReplayService.FindObjection(registration).IsRefused(out var refusal, out _))
        {
            return refusal;
        }

        if (await store.FindAsync(registration.Key, key, cancellationToken) is not { } letter)
        {
            return Gone();
        }

        try
        {
            return await store.RedriveAsync(registration.Key, key, cancellationToken) ? letter : Gone();
        }
        finally
        {
            // A commit that failed may have taken effect all the same: an ordered lane must not go past what it owes then.
            dispatcher.ExpectMore(registration);
        }
    }

    public Task<Outcome<Replay>> RedriveAllAsync(Registration registration, DeadLetterReason? reason, CancellationToken cancellationToken) =>
        replays.StartAsync(registration, new ReplaySelection.Failed(Of(reason)), cancellationToken);

    public Task<long> PurgeAsync(Registration registration, DeadLetterReason? reason, CancellationToken cancellationToken) =>
        store.PurgeAsync(registration.Key, Of(reason), cancellationToken);

    private static ApiRefusal Gone() =>
        ApiRefusal.NotFound("There is no such dead letter any more. It may have been redriven, purged, or be older than its retention.");

    private static DeadLetterFilter Of(DeadLetterReason? reason) => DeadLetterFilter.All with { Reason = reason };
}
