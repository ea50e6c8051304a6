using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Providers;

/// <summary>Finds the provider that is meant, asks whether the workspace may change it, and leaves the rest to <see cref="ProviderService"/>.</summary>
internal sealed class WorkspaceProviders(ProviderDirectory directory, ProviderService service, TimeProvider clock) : IProviders
{
    public async ValueTask<ProviderListing> ListAsync(Workspace workspace, ProviderSearch search, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(search.Limit, 1, ProviderSearch.LimitMax);
        var all = await directory.ListAsync(workspace.OrganizationId, cancellationToken);
        var wanted = all.Where(p => IsWanted(p, workspace, search)).OrderByDescending(ProviderKey.Of).ToList();
        List<Provider> page = search.NewerThan is { } newer ? [.. wanted.Where(p => ProviderKey.Of(p).CompareTo(newer) > 0).TakeLast(limit)]
            : search.OlderThan is { } older ? [.. wanted.Where(p => ProviderKey.Of(p).CompareTo(older) < 0).Take(limit)]
            : [.. wanted.Take(limit)];
        return page.Count == 0
            ? new ProviderListing([], search.OlderThan is not null && wanted.Count > 0, search.NewerThan is not null && wanted.Count > 0, all.Count > 0)
            : new ProviderListing(page, wanted[0].Id != page[0].Id, wanted[^1].Id != page[^1].Id, OrganizationHasAny: true);
    }

    public ValueTask<Outcome<Provider>> FindAsync(Workspace workspace, string providerId, CancellationToken cancellationToken) =>
        service.FindAsync(providerId, workspace.OrganizationId, cancellationToken);

    public Task<Outcome<Provider>> CreateAsync(Workspace workspace, CreateProviderBody body, CancellationToken cancellationToken) =>
        service.CreateAsync(workspace, body, cancellationToken);

    public async Task<Outcome<Provider>> UpdateAsync(Workspace workspace, Provider seen, UpdateProviderBody body, CancellationToken cancellationToken) =>
        (await service.FindOwnAsync(seen.Id, workspace, cancellationToken)).IsRefused(out var refusal, out var provider)
        || (await service.UpdateAsync(provider, IfMatch.Exactly(seen.Tag), _ => body, cancellationToken)).IsRefused(out refusal, out var updated)
            ? refusal
            : updated.Provider;

    public async Task<Outcome<Provider>> DeleteAsync(Workspace workspace, string providerId, CancellationToken cancellationToken)
    {
        if ((await service.FindOwnAsync(providerId, workspace, cancellationToken)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        return await service.DeleteAsync(provider, IfMatch.Any, cancellationToken) is { } objection ? objection : provider;
    }

    public async Task<Outcome<EventMetadata>> CreateEventAsync(
        Workspace workspace, string providerId, EventMetadataBody body, CancellationToken cancellationToken) =>
        (await service.FindOwnAsync(providerId, workspace, cancellationToken)).IsRefused(out var refusal, out var provider)
            ? refusal
            : await service.CreateEventAsync(provider, body, cancellationToken);

    public async Task<Outcome<EventMetadata>> UpdateEventAsync(
        Workspace workspace, string providerId, EventMetadata seen, EventMetadataBody body, CancellationToken cancellationToken) =>
        (await service.FindOwnAsync(providerId, workspace, cancellationToken)).IsRefused(out var refusal, out var provider)
        || (await service.UpdateEventAsync(provider, seen.EventCode, IfMatch.Exactly(seen.Tag), _ => body, cancellationToken)).IsRefused(out refusal, out var updated)
            ? refusal
            : updated.Metadata;

    public async Task<Outcome<EventMetadata>> DeleteEventAsync(
        Workspace workspace, string providerId, string eventCode, CancellationToken cancellationToken)
    {
        if ((await service.FindOwnAsync(providerId, workspace, cancellationToken)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        if (provider.FindEvent(eventCode) is not { } metadata)
        {
            return ProviderService.UnknownEvent(provider, eventCode);
        }

        return await service.DeleteEventAsync(provider, eventCode, IfMatch.Any, cancellationToken) is { } objection ? objection : metadata;
    }

    public string? ComposeSample(Provider provider, EventMetadata metadata) => SampleEvent.Compose(provider, metadata, clock.GetUtcNow());

    private static bool IsWanted(Provider provider, Workspace workspace, ProviderSearch search) =>
        (!search.OnlyOwn || provider.WorkspaceId == workspace.WorkspaceId)
        && (!search.OnlyWithEvents || provider.Events.Length > 0)
        && (string.IsNullOrEmpty(search.Group) || ProviderFamily.Find(provider.ProviderMetadata)?.Group == search.Group)
        && (string.IsNullOrWhiteSpace(search.Text)
            || provider.Label.Contains(search.Text.Trim(), StringComparison.OrdinalIgnoreCase)
            || provider.Id.Equals(search.Text.Trim(), StringComparison.OrdinalIgnoreCase));
}
