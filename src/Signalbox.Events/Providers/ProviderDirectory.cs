using Signalbox.Identity;

namespace Signalbox.Events.Providers;

/// <summary>
/// All providers in memory; bounded by the quotas of organizations. Changes go through <see cref="ChangeAsync"/>, one
/// at a time, so that memory takes them over in the order of their commits.
/// </summary>
internal sealed class ProviderDirectory(ProviderStore store) : IProviderDirectory, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private volatile ProviderIndex? _providers;

    public ValueTask<Provider?> FindAsync(string providerId, CancellationToken cancellationToken) =>
        Guid.TryParse(providerId, out var id) ? FindAsync(id, cancellationToken) : default;

    public ValueTask<Provider?> FindAsync(Guid providerId, CancellationToken cancellationToken)
    {
        return _providers is { } providers ? new ValueTask<Provider?>(providers.Find(providerId)) : LoadAndFindAsync();

        async ValueTask<Provider?> LoadAndFindAsync() =>
            (await LoadAsync(cancellationToken)).Find(providerId);
    }

    /// <summary>An organization's providers, oldest first.</summary>
    public async ValueTask<IReadOnlyCollection<Provider>> ListAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        (await LoadAsync(cancellationToken)).Of(organization);

    /// <summary>
    /// Commits a change of one provider and takes it over. The change gets the provider as it is now, or null.
    /// When the commit fails, what it left behind is unknown: the next look-up reads everything again.
    /// </summary>
    /// <param name="providerId">The provider that is changed.</param>
    /// <param name="change">Returns what to store (null: nothing is kept) after it was stored.</param>
    public async Task<Provider?> ChangeAsync(Guid providerId, Func<Provider?, Task<Provider?>> change, CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var providers = _providers ??= new ProviderIndex(await store.LoadAsync(cancellationToken));
            var before = providers.Find(providerId);
            var after = await change(before);
            providers.Apply(before, after);
            return after;
        }
        catch
        {
            _providers = null;
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async ValueTask<ProviderIndex> LoadAsync(CancellationToken cancellationToken)
    {
        if (_providers is { } loaded)
        {
            return loaded;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _providers ??= new ProviderIndex(await store.LoadAsync(cancellationToken));
        }
        finally
        {
            _gate.Release();
        }
    }
}
