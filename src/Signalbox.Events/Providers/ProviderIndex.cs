using System.Collections.Concurrent;
using System.Collections.Immutable;
using Signalbox.Identity;

namespace Signalbox.Events.Providers;

/// <summary>Providers by id, and each organization's in the order of its list. Readers never wait; only one change runs at a time.</summary>
internal sealed class ProviderIndex
{
    private static readonly ImmutableSortedSet<Provider> _none = ImmutableSortedSet.Create<Provider>(Comparer<Provider>.Create(
        static (a, b) => a.CreatedAt.CompareTo(b.CreatedAt) is var byAge and not 0 ? byAge : string.CompareOrdinal(a.Id, b.Id)));

    private readonly ConcurrentDictionary<Guid, Provider> _byId;
    private readonly ConcurrentDictionary<OrganizationId, ImmutableSortedSet<Provider>> _byOrganization;

    public ProviderIndex(IReadOnlyCollection<Provider> providers)
    {
        _byId = new(providers.Select(p => KeyValuePair.Create(Guid.Parse(p.Id), p)));
        _byOrganization = new(providers.GroupBy(p => p.OrganizationId).Select(g => KeyValuePair.Create(g.Key, _none.Union(g))));
    }

    public Provider? Find(Guid id) => _byId.GetValueOrDefault(id);

    /// <summary>An organization's providers, oldest first.</summary>
    public ImmutableSortedSet<Provider> Of(OrganizationId organization) => _byOrganization.GetValueOrDefault(organization, _none);

    /// <summary>Takes over a change as it was committed; null stands for nothing.</summary>
    public void Apply(Provider? before, Provider? after)
    {
        if (before is not null)
        {
            _byOrganization[before.OrganizationId] = Of(before.OrganizationId).Remove(before);
            if (after is null)
            {
                _byId.TryRemove(Guid.Parse(before.Id), out _);
            }
        }

        if (after is not null)
        {
            _byOrganization[after.OrganizationId] = Of(after.OrganizationId).Add(after);
            _byId[Guid.Parse(after.Id)] = after;
        }
    }
}
