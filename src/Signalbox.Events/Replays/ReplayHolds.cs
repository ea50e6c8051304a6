using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Events.Stories;

namespace Signalbox.Events.Replays;

/// <summary>Finds out what a replay waits for.</summary>
internal sealed class ReplayHolds(ReplayStore store, Dispatcher dispatcher, TimeProvider clock)
{
    /// <summary>One that began just now has not had its turn yet.</summary>
    private static readonly TimeSpan _firstTurn = TimeSpan.FromSeconds(1);

    /// <summary>Null when nothing is known to hold it up, or it has ended.</summary>
    public async Task<ReplayHold?> FindAsync(Registration registration, Replay replay, CancellationToken cancellationToken)
    {
        if (replay.State != ReplayState.Running || (replay.IsExhausted && replay.Outstanding == 0))
        {
            return null;
        }

        if (!registration.IsPushing)
        {
            return new ReplayHold
            {
                Reason = "not_delivered_to",
                Why = $"Waits until the registration is delivered to again: its webhook_status is {RegistrationWords.Of(registration.Status)} and enabled is {(registration.IsEnabled ? "true" : "false")}.",
            };
        }

        if (dispatcher.FindHold(registration) is { } lane)
        {
            return new ReplayHold
            {
                Reason = StoryWords.Of(lane.Reason),
                Until = lane.Until,
                Why = StoryWords.Waits(registration, new DeliveryHold(lane.Reason, lane.Until)),
            };
        }

        return replay.IsExhausted ? await FindRetryAsync(replay, cancellationToken)
            : replay.Queued + replay.Skipped == 0 && clock.GetUtcNow() - replay.CreatedAt > _firstTurn ? await FindBeforeAsync(replay, cancellationToken)
            : null;
    }

    private async Task<ReplayHold?> FindRetryAsync(Replay replay, CancellationToken cancellationToken) =>
        await store.FindNextAttemptAsync(replay.Id, cancellationToken) is { } next && next > clock.GetUtcNow()
            ? new ReplayHold { Reason = "retry", Until = next, Why = $"Waits until {StoryWords.Show(next)}, when the next of its retries is due." }
            : null;

    /// <summary>All replays of a registration share a part of its window, which the older ones fill first.</summary>
    private async Task<ReplayHold?> FindBeforeAsync(Replay replay, CancellationToken cancellationToken) =>
        (await store.ListActiveAsync(cancellationToken)).FirstOrDefault(other => other.RegistrationKey == replay.RegistrationKey && other.Key < replay.Key) is { } before
            ? new ReplayHold
            {
                Reason = "behind_replay",
                BehindReplayId = before.Id,
                Why = $"Waits for room: replay {before.Id} of the registration is under way.",
            }
            : null;
}
