namespace Signalbox.Events.Registrations;

/// <summary>
/// All registrations in memory; bounded by the quotas of organizations. Changes go through <see cref="ChangeAsync"/>,
/// one at a time, so that memory takes them over in the order of their commits. Changes that other nodes make on the
/// same database are not seen: <see cref="Invalidate"/> is where their notice would arrive.
/// </summary>
internal sealed class RegistrationDirectory(RegistrationStore store) : IRegistrationDirectory, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private volatile RegistrationIndex? _index;

    /// <summary>As it was before it was invalidated: what <see cref="Changed"/> has told. Touched under the gate.</summary>
    private RegistrationIndex? _told;

    public event Action<Registration>? Changed;

    public async ValueTask<Registration?> FindAsync(long registrationKey, CancellationToken cancellationToken) =>
        (_index ?? await GetIndexAsync(cancellationToken)).Find(registrationKey);

    public async ValueTask<Registration?> FindAsync(RegistrationId id, CancellationToken cancellationToken) =>
        (_index ?? await GetIndexAsync(cancellationToken)).Find(id);

    /// <summary>The index, read from the database at first use.</summary>
    public ValueTask<RegistrationIndex> GetIndexAsync(CancellationToken cancellationToken)
    {
        return _index is { } index ? new ValueTask<RegistrationIndex>(index) : LoadAsync();

        async ValueTask<RegistrationIndex> LoadAsync()
        {
            await _gate.WaitAsync(cancellationToken);
            try
            {
                return _index ?? await ReadAsync(cancellationToken);
            }
            finally
            {
                _gate.Release();
            }
        }
    }

    /// <summary>
    /// Commits a change and takes it over: the change returns the registration as stored, or null when nothing was
    /// stored. When it throws, what the database holds is unknown, so everything is read again at the next use, and what was
    /// changed is told then.
    /// </summary>
    public async Task<Registration?> ChangeAsync(Func<RegistrationIndex, Task<Registration?>> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var index = _index ?? await ReadAsync(cancellationToken);
            var stored = await change(index);
            if (stored is not null)
            {
                index.Apply(stored);
                Changed?.Invoke(stored);
            }

            return stored;
        }
        catch
        {
            Invalidate();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Forgets registrations that were deleted before a time and of which nothing is left: no handler to remove, no
    /// delivery owed, no event in the journal. Returns how many.
    /// </summary>
    public async Task<int> PurgeAsync(DateTimeOffset deletedBefore, CancellationToken cancellationToken)
    {
        var purged = 0;
        var candidates = (await GetIndexAsync(cancellationToken)).All
            .Where(r => r.DeletedAt <= deletedBefore && !r.IsHandlerPending).Select(r => r.Key).ToList();
        foreach (var key in candidates)
        {
            await _gate.WaitAsync(cancellationToken);
            try
            {
                if (await store.PurgeAsync(key))
                {
                    _index?.Forget(key);
                    purged++;
                }
            }
            catch
            {
                // It may be gone: asked again, the database would know of nothing to remove.
                Invalidate();
                throw;
            }
            finally
            {
                _gate.Release();
            }
        }

        return purged;
    }

    /// <summary>Reads everything again at the next use.</summary>
    public void Invalidate() => _index = null;

    public void Dispose() => _gate.Dispose();

    private async Task<RegistrationIndex> ReadAsync(CancellationToken cancellationToken)
    {
        var index = new RegistrationIndex(await store.LoadAsync(cancellationToken));
        var told = _told;
        _told = _index = index;
        if (told is not null)
        {
            // Each state has a time of its own.
            foreach (var registration in index.All.Where(r => told.Find(r.Key)?.UpdatedAt != r.UpdatedAt))
            {
                Changed?.Invoke(registration);
            }
        }

        return index;
    }
}
