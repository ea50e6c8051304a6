using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Packages;

/// <summary><c>/namespaces/{ns}/packages</c> (OpenWhisk behaviour, section 1.6).</summary>
internal sealed class PackageEndpoints(
    PackageService packages, EntityDirectory entities, RequestBodies bodies, EffectiveLimits limits)
{
    private const int ContentLengthMax = 10_000;

    public async Task<Reply> ListAsync(RuntimeCall call, string ns)
    {
        if (call.Namespace(ns).IsRefused(out var refusal, out var place)
            || ListQuery.Parse(call, EntityRow.Packages, limits).IsRefused(out refusal, out var query))
        {
            return refusal;
        }

        var onlyShared = place.Namespace != call.Caller.Name;
        return query.CountOnly
            ? query.CountReply(
                EntityRow.Packages, await entities.CountAsync(place.Namespace, EntityRow.Packages, null, onlyShared, call.Aborted))
            : ListQuery.ItemsReply(
                await entities.ListAsync(place.Namespace, EntityRow.Packages, null, onlyShared, query.Limit, query.Skip, call.Aborted),
                (writer, entity) => PackageJson.WriteSummary(writer, (PackageEntity)entity));
    }

    public async Task<Reply> GetAsync(RuntimeCall call, EntityName name)
    {
        var found = await entities.FindAsync(name, call.Aborted);
        if (!AccessRules.IsOpenTo(call.Caller, name.Namespace, found as PackageEntity))
        {
            return Refusal.Forbidden(name.Path);
        }

        if (found is not PackageEntity package)
        {
            return found is null ? Refusal.NotFoundNamed(name.Path) : Refusal.NotInCollection;
        }

        if (package.Binding is not { } target)
        {
            var content = await ContentAsync(package, call.Aborted);
            return Reply.Ok(writer => PackageJson.Write(writer, package, package.Parameters, content));
        }

        if (await entities.FindAsync(target, call.Aborted) is not PackageEntity provider)
        {
            return Refusal.NotFound;
        }

        if (provider.Binding is not null)
        {
            return new Refusal(422, $"Package binding '{name.Path}' contains a circular reference.");
        }

        if (!AccessRules.IsOpenTo(call.Caller, target.Namespace, provider))
        {
            return Refusal.Forbidden(target.Path);
        }

        var provided = await ContentAsync(provider, call.Aborted);
        return Reply.Ok(writer => PackageJson.Write(
            writer, package, provider.Parameters.OverlaidBy(package.Parameters), provided));
    }

    public async Task<Reply> PutAsync(RuntimeCall call, EntityName name)
    {
        if (PackageService.FindChangeObjection(call.Caller, name) is { } objection)
        {
            return objection;
        }

        if (call.Flag("overwrite").IsRefused(out var refusal, out var overwrite)
            || (await bodies.ReadObjectAsync(call.Context, call.Caller.Name, EffectiveLimits.RequestBytesMax)).IsRefused(out refusal, out var body))
        {
            return refusal;
        }

        return Show(await packages.PutAsync(call.Caller, name, body, overwrite, call.Aborted));
    }

    public async Task<Reply> DeleteAsync(RuntimeCall call, EntityName name)
    {
        if (name.Namespace != call.Caller.Name)
        {
            return Refusal.Forbidden(name.Path);
        }

        return call.Flag("force").IsRefused(out var refusal, out var force)
            ? refusal
            : Show(await packages.DeleteAsync(call.Caller, name, force, call.Aborted));
    }

    private static Reply Show(Outcome<PackageEntity> outcome) =>
        outcome.IsRefused(out var refusal, out var package)
            ? refusal
            : Reply.Ok(writer => PackageJson.Write(writer, package, package.Parameters, content: null));

    private async Task<IReadOnlyList<ActionEntity>> ContentAsync(PackageEntity package, CancellationToken cancellationToken) =>
        [.. (await entities.ListAsync(
            package.Name.Namespace, EntityRow.Actions, package.Name.Name, false, ContentLengthMax, 0, cancellationToken)).Cast<ActionEntity>()];
}
