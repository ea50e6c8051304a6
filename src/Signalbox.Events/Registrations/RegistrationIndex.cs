using System.Collections.Concurrent;
using System.Collections.Immutable;
using Signalbox.Filtering;
using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>
/// Registrations by key, by id and by event. Readers never wait: what they look at is replaced, not changed.
/// Only one change runs at a time.
/// </summary>
internal sealed class RegistrationIndex
{
    private readonly ConcurrentDictionary<long, Registration> _byKey = new();
    private readonly ConcurrentDictionary<Guid, Registration> _byId = new();
    private readonly ConcurrentDictionary<string, Dictionary<string, Audience>> _byProvider = new(StringComparer.Ordinal);

    /// <summary>Keys of what lives, in the lists' order. Trees, so that any page is found without walking those before it.</summary>
    private readonly ConcurrentDictionary<OrganizationId, ImmutableSortedSet<long>> _byOrganization;
    private readonly ConcurrentDictionary<WorkspaceId, ImmutableSortedSet<long>> _byWorkspace;

    /// <summary>The filters of each audience that has any; what readers see of them are the snapshots in the audiences.</summary>
    private readonly Dictionary<Interest, FilterIndex<long>> _filters = [];

    public RegistrationIndex(IEnumerable<Registration> registrations)
    {
        foreach (var registration in registrations)
        {
            _byKey[registration.Key] = registration;
            if (registration.DeletedAt is null)
            {
                _byId[registration.Id.Value] = registration;
            }
        }

        _byOrganization = new(_byId.Values.GroupBy(r => r.OrganizationId, r => r.Key).Select(g => KeyValuePair.Create(g.Key, g.ToImmutableSortedSet())));
        _byWorkspace = new(_byId.Values.GroupBy(r => r.WorkspaceId, r => r.Key).Select(g => KeyValuePair.Create(g.Key, g.ToImmutableSortedSet())));

        var interests = _byId.Values.OrderBy(r => r.Key)
            .SelectMany(r => r.Interests.Select(i => (Interest: i, Registration: r)))
            .GroupBy(p => p.Interest.ProviderId, StringComparer.Ordinal);
        foreach (var provider in interests)
        {
            _byProvider[provider.Key] = provider.GroupBy(p => p.Interest.EventCode, StringComparer.Ordinal)
                .ToDictionary(
                    g => g.Key,
                    g => new Audience(g.Key, g.Select(p => p.Registration), FirstFilters(new Interest(provider.Key, g.Key), g.Select(p => p.Registration))),
                    StringComparer.Ordinal);
        }
    }

    /// <summary>A workspace's registrations, oldest first.</summary>
    public IEnumerable<Registration> Of(WorkspaceId workspace) => Living(_byWorkspace.GetValueOrDefault(workspace, []));

    /// <summary>One page of an organization's registrations, oldest first, and how many there are.</summary>
    public (IReadOnlyList<Registration> Page, int Total) Page(OrganizationId organization, int number, int size)
    {
        var keys = _byOrganization.GetValueOrDefault(organization, []);
        var first = (long)number * size;
        var page = new List<long>(size);
        for (var rank = first; rank < Math.Min(first + size, keys.Count); rank++)
        {
            page.Add(keys[(int)rank]);
        }

        return ([.. Living(page)], keys.Count);
    }

    /// <summary>Not deleted ones.</summary>
    public IEnumerable<Registration> Live => _byId.Values;

    /// <summary>Deleted ones included.</summary>
    public IEnumerable<Registration> All => _byKey.Values;

    public Registration? Find(long key) => _byKey.GetValueOrDefault(key);

    public Registration? Find(RegistrationId id) => _byId.GetValueOrDefault(id.Value);

    /// <summary>Who is interested in this event, before filters; null when nobody is. Allocates nothing.</summary>
    public Audience? Match(string providerId, ReadOnlySpan<char> eventCode) =>
        _byProvider.TryGetValue(providerId, out var codes)
        && codes.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(eventCode, out var audience)
            ? audience
            : null;

    /// <summary>Takes over a registration as it was committed.</summary>
    public void Apply(Registration next)
    {
        var before = _byKey.GetValueOrDefault(next.Key);
        _byKey[next.Key] = next;
        if (next.DeletedAt is null)
        {
            _byId[next.Id.Value] = next;
            _byOrganization[next.OrganizationId] = _byOrganization.GetValueOrDefault(next.OrganizationId, []).Add(next.Key);
            _byWorkspace[next.WorkspaceId] = _byWorkspace.GetValueOrDefault(next.WorkspaceId, []).Add(next.Key);
        }
        else
        {
            _byId.TryRemove(next.Id.Value, out _);
            _byOrganization[next.OrganizationId] = _byOrganization.GetValueOrDefault(next.OrganizationId, []).Remove(next.Key);
            _byWorkspace[next.WorkspaceId] = _byWorkspace.GetValueOrDefault(next.WorkspaceId, []).Remove(next.Key);
        }

        IEnumerable<Interest> now = next.DeletedAt is null ? next.Interests : [];
        foreach (var provider in now.Union(before?.Interests ?? []).GroupBy(i => i.ProviderId, StringComparer.Ordinal))
        {
            Rebuild(provider.Key, provider, now.ToHashSet(), next);
        }
    }

    /// <summary>Forgets a deleted registration for good.</summary>
    public void Forget(long key) => _byKey.TryRemove(key, out _);

    /// <summary>One that is deleted while the list is read is left out.</summary>
    private IEnumerable<Registration> Living(IEnumerable<long> keys) =>
        keys.Select(Find).OfType<Registration>().Where(r => r.DeletedAt is null);

    private void Rebuild(string providerId, IEnumerable<Interest> touched, HashSet<Interest> now, Registration next)
    {
        var codes = _byProvider.TryGetValue(providerId, out var current)
            ? new Dictionary<string, Audience>(current, StringComparer.Ordinal)
            : new Dictionary<string, Audience>(StringComparer.Ordinal);
        foreach (var interest in touched)
        {
            IEnumerable<Registration> others = codes.TryGetValue(interest.EventCode, out var audience)
                ? audience.All.Where(r => r.Key != next.Key)
                : [];
            var members = now.Contains(interest) ? others.Append(next) : others;
            var rebuilt = new Audience(interest.EventCode, members.OrderBy(r => r.Key), ChangedFilters(interest, next, now.Contains(interest)));
            if (rebuilt.All.Length > 0)
            {
                codes[interest.EventCode] = rebuilt;
            }
            else
            {
                codes.Remove(interest.EventCode);
            }
        }

        _byProvider[providerId] = codes;
    }

    private FilterSnapshot<long>? FirstFilters(Interest interest, IEnumerable<Registration> members)
    {
        foreach (var member in members)
        {
            if (member.Filter is { } filter)
            {
                FiltersOf(interest).Set(member.Key, filter.Compiled);
            }
        }

        return _filters.GetValueOrDefault(interest)?.Snapshot();
    }

    /// <summary>Touches what the changed registration's filter touches, and nothing of the others'.</summary>
    private FilterSnapshot<long>? ChangedFilters(Interest interest, Registration next, bool isMember)
    {
        if (isMember && next.Filter is { } filter)
        {
            FiltersOf(interest).Set(next.Key, filter.Compiled);
        }
        else if (_filters.TryGetValue(interest, out var filters) && filters.Remove(next.Key) && filters.Count == 0)
        {
            _filters.Remove(interest);
        }

        return _filters.GetValueOrDefault(interest)?.Snapshot();
    }

    private FilterIndex<long> FiltersOf(Interest interest) =>
        _filters.TryGetValue(interest, out var filters) ? filters : _filters[interest] = new FilterIndex<long>();
}
