using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Stories;

/// <summary>Finds out what an owed delivery waits for: its registration's pace, or the event before it in order.</summary>
internal sealed class HoldFinder(StoryRows rows, Dispatcher dispatcher)
{
    /// <summary>A retry's own time and the pause that came with it differ by what it took to keep the outcome.</summary>
    private static readonly TimeSpan _sameTime = TimeSpan.FromSeconds(1);

    /// <summary>Null when only its own time counts, or its attempt runs.</summary>
    public async Task<DeliveryHold?> FindAsync(
        Registration registration, long sequence, OwedRow owed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (dispatcher.IsUnderWay(new DeliveryKey(registration.Key, sequence)))
        {
            return null;
        }

        var lane = dispatcher.FindHold(registration);
        if (registration.IsOrdered && await rows.FindBeforeAsync(registration, sequence, cancellationToken) is { } before)
        {
            var until = Later(before.NextAttempt, lane?.Until ?? now);
            return new DeliveryHold(HoldReason.InOrder, until > now ? until : null, before);
        }

        return lane is not null && (owed.NextAttempt <= now || lane.Until > owed.NextAttempt + _sameTime)
            ? new DeliveryHold(lane.Reason, lane.Until)
            : null;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
