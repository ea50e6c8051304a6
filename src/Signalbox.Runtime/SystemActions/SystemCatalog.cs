using System.Collections.Frozen;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Packages;

namespace Signalbox.Runtime.SystemActions;

/// <summary>This server's own packages and actions: public, and nobody's to change.</summary>
internal sealed class SystemCatalog
{
    private readonly FrozenDictionary<EntityName, ISystemAction> _actions;
    private readonly FrozenDictionary<EntityName, Entity> _entities;
    private readonly FrozenSet<string> _namespaces;

    public SystemCatalog(IEnumerable<ISystemAction> actions)
    {
        _actions = actions.ToFrozenDictionary(action => action.Name);
        var packages = _actions.Keys.Select(name => name.PackageName!.Value).Distinct().Select(
            Entity (name) => new PackageEntity { Name = name, Publish = true });
        _entities = _actions.Values.Select(Describe).Concat(packages).ToFrozenDictionary(entity => entity.Name);
        _namespaces = _actions.Keys.Select(name => name.Namespace).ToFrozenSet(StringComparer.Ordinal);
    }

    public bool Owns(string @namespace) => _namespaces.Contains(@namespace);

    public Entity? Find(EntityName name) => _entities.GetValueOrDefault(name);

    public ISystemAction Implementation(EntityName name) => _actions[name];

    public IEnumerable<Entity> List(string @namespace, string collection, string? package) =>
        _entities.Values
            .Where(entity => entity.Name.Namespace == @namespace
                && entity is PackageEntity == (collection == EntityRow.Packages)
                && (package is null || (entity.Name.Package ?? "") == package))
            .OrderBy(entity => entity.Name.Path, StringComparer.Ordinal);

    private static Entity Describe(ISystemAction action) => new ActionEntity
    {
        Name = action.Name,
        Publish = true,
        Annotations = ParameterList.Empty
            .With("description", action.Description)
            .With("exec", ActionExec.SystemKind)
            .With("provide-api-key", false),
        Exec = new ActionExec { Kind = ActionExec.SystemKind },
        Limits = new ActionLimits(60_000, 128, 10, 1),
    };
}
