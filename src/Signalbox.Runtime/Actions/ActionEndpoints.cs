using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.Packages;

namespace Signalbox.Runtime.Actions;

/// <summary><c>/namespaces/{ns}/actions</c>.</summary>
internal sealed class ActionEndpoints(
    ActionService actions, EntityDirectory entities, RequestBodies bodies, EffectiveLimits limits)
{
    /// <summary>All actions of a namespace, or those of one package.</summary>
    public async Task<Reply> ListAsync(RuntimeCall call, string ns, string? package)
    {
        if (call.Namespace(ns).IsRefused(out var refusal, out var place)
            || ListQuery.Parse(call, EntityRow.Actions, limits).IsRefused(out refusal, out var query))
        {
            return refusal;
        }

        var folder = place.Namespace;
        if ((package ?? place.Package) is { } name)
        {
            if ((await FindFolderAsync(call, new EntityName(place.Namespace, null, name))).IsRefused(out refusal, out var found))
            {
                return refusal;
            }

            folder = found.Name.Namespace;
            package = found.Name.Name;
        }
        else if (place.Namespace != call.Caller.Name)
        {
            return Refusal.Forbidden(place.Namespace);
        }

        return query.CountOnly
            ? query.CountReply(EntityRow.Actions, await entities.CountAsync(folder, EntityRow.Actions, package, false, call.Aborted))
            : ListQuery.ItemsReply(
                await entities.ListAsync(folder, EntityRow.Actions, package, false, query.Limit, query.Skip, call.Aborted),
                (writer, entity) => ActionJson.WriteSummary(writer, (ActionEntity)entity));
    }

    public async Task<Reply> GetAsync(RuntimeCall call, EntityName name)
    {
        if (call.Flag("code", fallback: true).IsRefused(out var refusal, out var withCode)
            || (await actions.FindAsync(call.Caller, name, call.Aborted)).IsRefused(out refusal, out var resolved))
        {
            return refusal;
        }

        var parameters = resolved.Action.Exec.IsSequence ? resolved.Action.Parameters : resolved.Parameters;
        return Reply.Ok(writer => ActionJson.Write(writer, resolved.Action, parameters, withCode));
    }

    public async Task<Reply> PutAsync(RuntimeCall call, EntityName name)
    {
        if (ActionService.FindChangeObjection(call.Caller, name) is { } objection)
        {
            return objection;
        }

        if (call.Flag("overwrite").IsRefused(out var refusal, out var overwrite)
            || (await bodies.ReadObjectAsync(call.Context, call.Caller.Name, EffectiveLimits.RequestBytesMax)).IsRefused(out refusal, out var body))
        {
            return refusal;
        }

        return Show(await actions.PutAsync(call.Caller, name, body, overwrite, revision: null, call.Aborted));
    }

    public async Task<Reply> DeleteAsync(RuntimeCall call, EntityName name) =>
        Show(await actions.DeleteAsync(call.Caller, name, call.Aborted));

    private static Reply Show(Outcome<ActionEntity> outcome) =>
        outcome.IsRefused(out var refusal, out var action)
            ? refusal
            : Reply.Ok(writer => ActionJson.Write(writer, action, action.Parameters, withCode: true));

    /// <summary>The real package behind a name that the caller may read.</summary>
    private async Task<Outcome<PackageEntity>> FindFolderAsync(RuntimeCall call, EntityName name)
    {
        if (EntityNameRules.FindFault(name.Name) is { } fault)
        {
            return fault;
        }

        var found = await entities.FindAsync(name, call.Aborted);
        if (found is not PackageEntity package)
        {
            return name.Namespace != call.Caller.Name ? Refusal.Forbidden(name.Path)
                : found is null ? Refusal.NotFoundNamed(name.Path)
                : Refusal.NotInCollection;
        }

        if (!AccessRules.IsOpenTo(call.Caller, name.Namespace, package))
        {
            return Refusal.Forbidden(name.Path);
        }

        if (package.Binding is not { } target)
        {
            return package;
        }

        return await entities.FindAsync(target, call.Aborted) is not PackageEntity provider ? Refusal.NotFoundNamed(target.Path)
            : AccessRules.IsOpenTo(call.Caller, target.Namespace, provider) ? provider
            : Refusal.Forbidden(target.Path);
    }
}
