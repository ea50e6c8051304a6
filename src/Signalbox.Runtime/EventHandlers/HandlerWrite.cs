using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Packages;
using Signalbox.Storage;

namespace Signalbox.Runtime.EventHandlers;

/// <summary>Several entities written in one commit; what is already as it should be is left alone.</summary>
internal sealed class HandlerWrite(EntityStore store, WriteSession session, WriteStamp stamp)
{
    private readonly List<EntityName> _written = [];

    public IReadOnlyList<EntityName> Written => _written;

    public WriteSession Session => session;

    public Entity? Find(EntityName name) => store.Find(session, name);

    public void Put(Entity entity)
    {
        var standing = Find(entity.Name);
        if (standing is not null && IsSame(standing, entity))
        {
            return;
        }

        entity = entity with
        {
            Version = standing?.NextVersion() ?? Entity.FirstVersion,
            UpdatedMs = stamp.TimeMs,
            Revision = stamp.Revision,
        };
        if (standing is null)
        {
            store.Insert(session, entity);
        }
        else
        {
            store.Update(session, standing, entity);
        }

        _written.Add(entity.Name);
    }

    public void Delete(EntityName name)
    {
        if (EntityStore.Delete(session, name))
        {
            _written.Add(name);
        }
    }

    private static bool IsSame(Entity standing, Entity wanted) =>
        standing.Annotations.ToJson() == wanted.Annotations.ToJson()
        && standing.Parameters.ToJson() == wanted.Parameters.ToJson()
        && (standing, wanted) switch
        {
            (PackageEntity a, PackageEntity b) => a.Binding == b.Binding,
            (ActionEntity a, ActionEntity b) => a.Exec.Kind == b.Exec.Kind && a.Exec.Components.SequenceEqual(b.Exec.Components),
            _ => false,
        };
}
