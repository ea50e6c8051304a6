using System.Text;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Journal;

/// <inheritdoc cref="IJournals" />
internal sealed class JournalBrowser(JournalStore store, EventsOptions options, TimeProvider clock) : IJournals
{
    public async Task<JournalView> ReadAsync(Registration registration, JournalPlace place, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(place.Limit, 1, JournalPlace.LimitMax);
        var cutoff = clock.GetUtcNow() - options.JournalRetention;
        await using var connection = await store.OpenAsync(cancellationToken);
        Task<IReadOnlyList<AcceptedEvent>> ForwardAsync(long since, int count) =>
            JournalStore.ReadNearAsync(connection, registration.Key, since, isForward: true, cutoff, count, cancellationToken);
        Task<IReadOnlyList<AcceptedEvent>> BackAsync(long before, int count) =>
            JournalStore.ReadNearAsync(connection, registration.Key, before, isForward: false, cutoff, count, cancellationToken);

        // A position that is none of this journal leads where no position leads.
        long? since = place switch
        {
            JournalPlace.Beginning => 0,
            JournalPlace.From from => await JournalStore.FindLastAsync(connection, from.Time.AddMilliseconds(-1), cancellationToken),
            JournalPlace.After after => Parse(registration, after.Position) ?? 0,
            _ => null,
        };
        List<AcceptedEvent> page = since is { } behind
            ? [.. (await ForwardAsync(behind, limit)).Reverse()]
            : [.. await BackAsync(place is JournalPlace.Before before ? Parse(registration, before.Position) ?? long.MaxValue : long.MaxValue, limit)];
        var (newest, oldest) = page.Count > 0 ? (page[0].Sequence, page[^1].Sequence) : (since ?? 0, since + 1 ?? 0);
        return new JournalView([.. page.Select(e => Show(registration, e))])
        {
            HasNewer = (await ForwardAsync(newest, 1)).Count > 0,
            HasOlder = (await BackAsync(oldest, 1)).Count > 0,
        };
    }

    private static long? Parse(Registration registration, string position) =>
        JournalPosition.TryParse(registration.Id, position, out var sequence) ? sequence : null;

    private static JournaledEvent Show(Registration registration, AcceptedEvent accepted) => new()
    {
        Position = JournalPosition.Format(registration.Id, accepted.Sequence),
        EventId = accepted.EventId,
        EventCode = accepted.EventCode,
        ReceivedAt = accepted.ReceivedAt,
        Json = Encoding.UTF8.GetString(DeliveredPayload.Compose(accepted, registration.ClientId).Span),
    };
}
