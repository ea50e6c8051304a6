using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.Packages;
using Signalbox.Runtime.Sequences;

namespace Signalbox.Runtime.Actions;

/// <summary><c>/namespaces/{ns}/actions</c>.</summary>
internal sealed class ActionEndpoints(
    EntityDirectory entities, ActionResolver resolver, SequenceRules sequences, IActionSandbox sandbox, EffectiveLimits limits)
{
    private const string NotOnBinding = "Operation not permitted on package binding.";

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
        if (call.Flag("code", fallback: true).IsRefused(out var refusal, out var withCode))
        {
            return refusal;
        }

        if ((await resolver.ResolveAsync(name, call.Aborted)).IsRefused(out refusal, out var resolved))
        {
            return OfOthers(call, name, refusal);
        }

        if (AccessRules.FindObjection(call.Caller, resolved) is { } objection)
        {
            return objection;
        }

        var parameters = resolved.Action.Exec.IsSequence ? resolved.Action.Parameters : resolved.Parameters;
        return Reply.Ok(writer => ActionJson.Write(writer, resolved.Action, parameters, withCode));
    }

    public async Task<Reply> PutAsync(RuntimeCall call, EntityName name)
    {
        if (FindChangeObjection(call, name) is { } objection)
        {
            return objection;
        }

        if (call.Flag("overwrite").IsRefused(out var refusal, out var overwrite)
            || (await RequestBody.ReadObjectAsync(call.Context, EffectiveLimits.RequestBytesMax)).IsRefused(out refusal, out var body)
            || ActionPut.Parse(body, call.Caller.Name, sandbox.Kinds, limits).IsRefused(out refusal, out var put))
        {
            return refusal;
        }

        if ((await FindPackageObjectionAsync(name, call.Aborted)
            ?? await sequences.FindFaultAsync(call.Caller, name, put.Exec, call.Aborted)) is { } fault)
        {
            return fault;
        }

        var outcome = await entities.PutAsync<ActionEntity>(
            name, overwrite, (_, standing) => Make(name, standing, put), call.Aborted);
        if (outcome.IsRefused(out refusal, out var action))
        {
            return refusal;
        }

        sandbox.Prepare(action.Exec.Kind);
        return Reply.Ok(writer => ActionJson.Write(writer, action, action.Parameters, withCode: true));
    }

    public async Task<Reply> DeleteAsync(RuntimeCall call, EntityName name)
    {
        if ((FindChangeObjection(call, name) ?? await FindPackageObjectionAsync(name, call.Aborted)) is { } objection)
        {
            return objection;
        }

        var outcome = await entities.DeleteAsync<ActionEntity>(name, (_, _) => new[] { name }, call.Aborted);
        return outcome.IsRefused(out var refusal, out var action)
            ? refusal
            : Reply.Ok(writer => ActionJson.Write(writer, action, action.Parameters, withCode: true));
    }

    private Outcome<ActionEntity> Make(EntityName name, ActionEntity? standing, ActionPut put) =>
        put.Exec is null && standing is not null && KindRules.FindDeprecation(standing.Exec.Kind, sandbox.Kinds) is { } deprecated
            ? deprecated
            : put.Apply(name, standing, limits);

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

    /// <summary>Why nothing may be written at that name; null when the package is there and real.</summary>
    private async ValueTask<Refusal?> FindPackageObjectionAsync(EntityName name, CancellationToken cancellationToken)
    {
        if (name.PackageName is not { } packageName)
        {
            return null;
        }

        return await entities.FindAsync(packageName, cancellationToken) switch
        {
            null => Refusal.NotFound,
            PackageEntity { Binding: not null } => Refusal.BadRequest(NotOnBinding),
            PackageEntity => null,
            _ => Refusal.NotInCollection,
        };
    }

    private static Refusal? FindChangeObjection(RuntimeCall call, EntityName name) =>
        name.Namespace == call.Caller.Name ? null : Refusal.Forbidden(name.Path);

    /// <summary>In other namespaces, what is not there and what is not open look the same.</summary>
    private static Refusal OfOthers(RuntimeCall call, EntityName name, Refusal refusal) =>
        name.Namespace == call.Caller.Name || refusal.Status != 404 ? refusal : Refusal.Forbidden(name.Path);
}
