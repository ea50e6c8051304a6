using System.Security.Cryptography;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.SystemActions;
using Signalbox.Storage;

namespace Signalbox.Runtime.Entities;

/// <summary>All entities that exist: the users' in the database, and this server's own.</summary>
internal sealed class EntityDirectory(EntityStore store, SystemCatalog catalog, TimeProvider clock)
{
    /// <summary>Called with the names that a commit wrote or removed.</summary>
    public event Action<IReadOnlyList<EntityName>>? Written;

    public async ValueTask<Entity?> FindAsync(EntityName name, CancellationToken cancellationToken) =>
        catalog.Owns(name.Namespace) ? catalog.Find(name) : await store.FindAsync(name, cancellationToken);

    public async ValueTask<IReadOnlyList<Entity>> ListAsync(
        string @namespace, string collection, string? package, bool onlyShared, int limit, int skip, CancellationToken cancellationToken) =>
        catalog.Owns(@namespace)
            ? [.. catalog.List(@namespace, collection, package).Skip(skip).Take(limit)]
            : await store.ListAsync(@namespace, collection, package, onlyShared, limit, skip, cancellationToken);

    public async ValueTask<long> CountAsync(
        string @namespace, string collection, string? package, bool onlyShared, CancellationToken cancellationToken) =>
        catalog.Owns(@namespace)
            ? catalog.List(@namespace, collection, package).Count()
            : await store.CountAsync(@namespace, collection, package, onlyShared, cancellationToken);

    /// <summary>Creates or replaces one entity in one commit.</summary>
    /// <param name="make">
    /// Makes the entity from the one that stands there, or null; runs inside the transaction, perhaps twice.
    /// </param>
    public async Task<Outcome<T>> PutAsync<T>(
        EntityName name, bool overwrite, Func<WriteSession, T?, Outcome<T>> make, CancellationToken cancellationToken)
        where T : Entity
    {
        var stamp = NextStamp();
        try
        {
            var outcome = await store.Database.WriteAsync(session => Put(session, name, overwrite, make, stamp), cancellationToken);
            Written?.Invoke([name]);
            return outcome;
        }
        catch (Exception exception) when (store.Database.IsUniqueViolation(exception))
        {
            return Refusal.ConcurrentModification;
        }
    }

    /// <summary>Removes entities that <paramref name="choose"/> names, in one commit.</summary>
    public async Task<Outcome<T>> DeleteAsync<T>(
        EntityName name, Func<WriteSession, T, Outcome<EntityName[]>> choose, CancellationToken cancellationToken)
        where T : Entity
    {
        IReadOnlyList<EntityName> removed = [];
        var outcome = await store.Database.WriteAsync<Outcome<T>>(
            session =>
            {
                switch (store.Find(session, name))
                {
                    case null:
                        return Refusal.NotFound;
                    case T found:
                        if (choose(session, found).IsRefused(out var refusal, out var names))
                        {
                            return refusal;
                        }

                        foreach (var doomed in names)
                        {
                            EntityStore.Delete(session, doomed);
                        }

                        removed = names;
                        return found;
                    default:
                        return Refusal.NotInCollection;
                }
            },
            cancellationToken);
        Written?.Invoke(removed);
        return outcome;
    }

    /// <summary>Runs an operation of several writes, and tells the caches what it returned as written.</summary>
    public async Task<T> WriteAsync<T>(
        Func<WriteSession, WriteStamp, (T Result, IReadOnlyList<EntityName> Written)> operation, CancellationToken cancellationToken)
    {
        var stamp = NextStamp();
        var (result, written) = await store.Database.WriteAsync(session => operation(session, stamp), cancellationToken);
        Written?.Invoke(written);
        return result;
    }

    private WriteStamp NextStamp() =>
        new(clock.GetUtcNow().ToUnixTimeMilliseconds(), BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue);

    private Outcome<T> Put<T>(
        WriteSession session, EntityName name, bool overwrite, Func<WriteSession, T?, Outcome<T>> make, WriteStamp stamp)
        where T : Entity
    {
        var standing = store.Find(session, name);
        if (standing is not null && standing is not T)
        {
            return Refusal.NotInCollection;
        }

        if (standing is not null && !overwrite)
        {
            return Refusal.AlreadyExists;
        }

        if (make(session, (T?)standing).IsRefused(out var refusal, out var made))
        {
            return refusal;
        }

        made = made with { UpdatedMs = stamp.TimeMs, Revision = stamp.Revision };
        if (standing is null)
        {
            store.Insert(session, made);
        }
        else if (!store.Update(session, standing, made))
        {
            return Refusal.ConcurrentModification;
        }

        return made;
    }
}

/// <summary>Time and identity of one write.</summary>
internal readonly record struct WriteStamp(long TimeMs, long Revision);
