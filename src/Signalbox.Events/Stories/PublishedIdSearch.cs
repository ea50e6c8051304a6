using System.Text;
using Dapper;
using Signalbox.Events.EventLog;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Identity;
using Signalbox.Storage;

namespace Signalbox.Events.Stories;

/// <summary>Finds events by the id that their publisher gave them.</summary>
/// <remarks>
/// Publishers' ids have no index, which each publish would pay for. What deduplication keeps of them (<see cref="PublishedKey"/>)
/// stands in the index of times, which is read from its newest end: about a second for five million events.
/// </remarks>
internal sealed class PublishedIdSearch(
    Database database, RegistrationDirectory registrations, ProviderDirectory providers, StoryRows rows, EventsOptions options, TimeProvider clock)
{
    /// <summary>The events of the journal's time with that id in which the organization has a part, newest first.</summary>
    public async Task<PublishedEvents> FindAsync(string id, OrganizationId organization, CancellationToken cancellationToken)
    {
        var index = await registrations.GetIndexAsync(cancellationToken);
        var own = index.All.Where(r => r.OrganizationId == organization).ToList();
        var published = (await providers.ListAsync(organization, cancellationToken)).Select(p => p.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var parameters = new DynamicParameters(new
        {
            since = (clock.GetUtcNow() - options.JournalRetention).ToUnixTimeMilliseconds(), limit = PublishedEvents.ToldMax,
        });
        var keys = new List<string>();
        foreach (var provider in published.Concat(own.SelectMany(r => r.Interests).Select(i => i.ProviderId)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (Guid.TryParse(provider, out var given))
            {
                keys.Add($"@key{keys.Count}");
                parameters.Add(keys[^1], PublishedKey.Of(given, Encoding.UTF8.GetBytes(id)).ToArray());
            }
        }

        var found = new List<PublishedEventName>();
        if (keys.Count == 0)
        {
            return new PublishedEvents { Events = found };
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        var events = await connection.QueryAsync<EventRow>(new CommandDefinition(
            $"""
            SELECT event_seq AS Sequence, event_id AS EventId, provider_id AS ProviderId, event_code AS EventCode, received_at AS ReceivedAt
            FROM events WHERE received_at > @since AND published_key IN ({string.Join(", ", keys)}) ORDER BY received_at DESC LIMIT @limit
            """,
            parameters,
            cancellationToken: cancellationToken));
        foreach (var row in events)
        {
            if (published.Contains(row.ProviderId) || (await rows.FindMatchedAsync(row.Sequence, own, cancellationToken)).Count > 0)
            {
                found.Add(new PublishedEventName
                {
                    EventId = Guid.Parse(row.EventId),
                    ProviderId = row.ProviderId,
                    EventCode = row.EventCode,
                    AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.ReceivedAt),
                });
            }
        }

        return new PublishedEvents { Events = found };
    }
}
