using System.Text.Json;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Replays;

/// <summary>Starts and cancels replays.</summary>
internal sealed class ReplayService(ReplayStore store, DeadLetterStore letters, Bell<ReplayRunner> bell, EventsOptions options, TimeProvider clock)
{
    /// <summary>The registration, if events can be delivered to it again.</summary>
    public static Outcome<Registration> FindObjection(Registration registration) =>
        registration.DeliveryType == DeliveryType.Journal
            ? ApiRefusal.Conflict("The registration is of delivery type journal: nothing is pushed to it. Read its journal instead.")
            : registration.IsPushing
                ? registration
                : ApiRefusal.Conflict(
                    $"The registration is not delivered to now: its webhook_status is {RegistrationWords.Of(registration.Status)} and enabled is {(registration.IsEnabled ? "true" : "false")}. Mend its endpoint and update the registration first.");

    /// <summary>Begins to deliver events again.</summary>
    public async Task<Outcome<Replay>> StartAsync(Registration registration, ReplaySelection selection, CancellationToken cancellationToken)
    {
        if (FindObjection(registration).IsRefused(out var refusal, out _)
            || (await FindBoundsAsync(registration, selection, cancellationToken)).IsRefused(out refusal, out var bounds))
        {
            return refusal;
        }

        var replay = new Replay
        {
            Key = store.NextKey(),
            Id = Guid.CreateVersion7(clock.GetUtcNow()).ToString("D"),
            RegistrationKey = registration.Key,
            Kind = selection.Kind,
            Asked = JsonSerializer.Serialize(ReplayBody.Of(selection), EventsJson.Default.ReplayBody),
            Reason = selection is ReplaySelection.Failed { Filter.Reason: { } reason } ? DeadLetterWords.Of(reason) : null,
            ReceivedFrom = (selection as ReplaySelection.Range)?.From,
            ReceivedBefore = (selection as ReplaySelection.Range)?.To,
            State = ReplayState.Running,
            Cursor = bounds.Before,
            Until = bounds.Last,
            Total = 0,
            Queued = 0,
            Skipped = 0,
            Failed = 0,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()),
        };
        replay = replay with { Total = await store.EstimateAsync(replay, cancellationToken) };
        if (!await store.InsertAsync(replay))
        {
            return ApiRefusal.Conflict(
                $"Too many replays run: a registration has at most {options.ReplaysPerRegistrationMax} at a time, the server {options.ReplaysMax}. Wait for one to end, or cancel it.");
        }

        bell.Ring();
        return replay;
    }

    /// <summary>Stops a replay. What it owed and was not delivered becomes dead letters.</summary>
    public async Task<Outcome<Replay>> CancelAsync(Registration registration, string id, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(registration.Key, id, cancellationToken) is null)
        {
            return Unknown(id);
        }

        await store.CancelAsync(id);
        bell.Ring();
        return await FindAsync(registration, id, cancellationToken);
    }

    public async Task<Outcome<Replay>> FindAsync(Registration registration, string id, CancellationToken cancellationToken) =>
        await store.FindAsync(registration.Key, id, cancellationToken) is { } replay ? replay : Unknown(id);

    private async Task<Outcome<Bounds>> FindBoundsAsync(Registration registration, ReplaySelection selection, CancellationToken cancellationToken)
    {
        switch (selection)
        {
            case ReplaySelection.OneEvent one:
                return await store.FindEventAsync(registration.Key, one.EventId, cancellationToken) is { } sequence
                    ? new Bounds(sequence - 1, sequence)
                    : ApiRefusal.BadField("event_id", $"'event_id' is '{one.EventId}', which is no event of the registration's journal. Give the 'eventid' of an event that was published within {options.JournalRetention.TotalDays:0.##} days.");
            case ReplaySelection.Range range:
                var (before, last) = await store.FindRangeAsync(range, cancellationToken);
                return new Bounds(before, last);
            case ReplaySelection.Failed failed:
                var newest = await letters.FindNewestAsync(registration.Key, failed.Filter, cancellationToken);
                return newest is null
                    ? new Bounds(0, 0)
                    : new Bounds(failed.Filter.From is { } from ? TimeOrderedKeys.FirstOf(from) - 1 : 0, newest.Value);
            default:
                throw new ArgumentOutOfRangeException(nameof(selection), selection, null);
        }
    }

    private static ApiRefusal Unknown(string id) => ApiRefusal.NotFound($"The registration has no replay '{FieldChecks.Shown(id)}'.");

    /// <summary>The position before the first that is meant, and the last.</summary>
    private sealed record Bounds(long Before, long Last);
}
