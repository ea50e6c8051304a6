using System.Collections.Concurrent;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Packages;

namespace Signalbox.Runtime.Actions;

/// <summary>
/// Finds the action that a name leads to, through packages and bindings, and remembers it until this process writes
/// one of the entities on the way.
/// </summary>
internal sealed class ActionResolver
{
    private const int CountMax = 10_000;
    private const long CodeCharactersMax = 128 * 1024 * 1024;

    private readonly ConcurrentDictionary<EntityName, ResolvedAction> _resolved = new();
    private readonly EntityDirectory _entities;
    private readonly IActionSandbox _sandbox;
    private readonly Lock _gate = new();
    private long _writes;
    private long _codeCharacters;

    public ActionResolver(EntityDirectory entities, IActionSandbox sandbox)
    {
        _entities = entities;
        _sandbox = sandbox;
        entities.Written += Forget;
    }

    public ValueTask<Outcome<ResolvedAction>> ResolveAsync(EntityName name, CancellationToken cancellationToken) =>
        _resolved.TryGetValue(name, out var known)
            ? ValueTask.FromResult<Outcome<ResolvedAction>>(known)
            : LoadAsync(name, cancellationToken);

    /// <summary>The action that the parameter <c>action</c> names, in the caller's own namespace only.</summary>
    public async ValueTask<Outcome<ResolvedAction>> ResolveOwnAsync(RuntimeCall call, string ns)
    {
        if (call.Namespace(ns).IsRefused(out var refusal, out var place)
            || call.NamedAction(place.Namespace).IsRefused(out refusal, out var named))
        {
            return refusal;
        }

        if (named is not { } name)
        {
            return Refusal.BadRequest("Parameter 'action' is missing: 'name' or 'package/name'.");
        }

        if (place.Namespace != call.Caller.Name || name.Namespace != call.Caller.Name)
        {
            return Refusal.Forbidden(name.Namespace);
        }

        return await ResolveAsync(name, call.Aborted);
    }

    private async ValueTask<Outcome<ResolvedAction>> LoadAsync(EntityName name, CancellationToken cancellationToken)
    {
        // Reading the database blocks, and an invocation comes on its connection's event loop.
        await Task.Yield();
        var writesBefore = Interlocked.Read(ref _writes);
        if ((await ReadAsync(name, cancellationToken)).IsRefused(out var refusal, out var resolved))
        {
            return refusal;
        }

        lock (_gate)
        {
            // A write that came between may have made the read stale: then it is used once and not kept.
            if (_writes == writesBefore)
            {
                Keep(resolved);
            }
        }

        return resolved;
    }

    private async ValueTask<Outcome<ResolvedAction>> ReadAsync(EntityName name, CancellationToken cancellationToken)
    {
        if (name.PackageName is not { } packageName)
        {
            return await _entities.FindAsync(name, cancellationToken) switch
            {
                ActionEntity action => new ResolvedAction(name, action, null, null),
                null => Refusal.NotFound,
                _ => Refusal.NotInCollection,
            };
        }

        var requested = await _entities.FindAsync(packageName, cancellationToken);
        if (requested is not PackageEntity package)
        {
            return requested is null ? Refusal.NotFound : Refusal.NotInCollection;
        }

        PackageEntity? binding = null;
        if (package.Binding is { } target)
        {
            binding = package;
            if (await _entities.FindAsync(target, cancellationToken) is not PackageEntity provider)
            {
                return Refusal.NotFound;
            }

            if (provider.Binding is not null)
            {
                return new Refusal(422, $"Package binding '{packageName.Path}' contains a circular reference.");
            }

            package = provider;
        }

        var actionName = new EntityName(package.Name.Namespace, package.Name.Name, name.Name);
        return await _entities.FindAsync(actionName, cancellationToken) is ActionEntity packaged
            ? new ResolvedAction(name, packaged, package, binding)
            : Refusal.NotFound;
    }

    private void Keep(ResolvedAction resolved)
    {
        if (_resolved.Count >= CountMax || _codeCharacters >= CodeCharactersMax)
        {
            _resolved.Clear();
            _codeCharacters = 0;
        }

        if (_resolved.TryAdd(resolved.Requested, resolved))
        {
            _codeCharacters += resolved.Action.Exec.Code.Length;
        }
    }

    private void Forget(IReadOnlyList<EntityName> written)
    {
        lock (_gate)
        {
            _writes++;
            foreach (var (name, resolved) in _resolved)
            {
                if (written.Contains(resolved.Action.Name)
                    || (resolved.Package is { } package && written.Contains(package.Name))
                    || (resolved.Binding is { } binding && written.Contains(binding.Name)))
                {
                    _resolved.TryRemove(name, out _);
                    _codeCharacters -= resolved.Action.Exec.Code.Length;
                    if (resolved.LastSandboxedId is { } id)
                    {
                        _sandbox.Retire(id);
                    }
                }
            }
        }
    }
}
