using System.Text.Json;
using Signalbox.Identity;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Packages;

/// <summary>The rules of packages, once for all doors.</summary>
internal sealed class PackageService(EntityDirectory entities) : IPackages
{
    private const int ListLengthMax = 200;

    public async Task<IReadOnlyList<PackageSummary>> ListAsync(NamespaceIdentity caller, CancellationToken cancellationToken) =>
        [.. (await entities.ListAsync(caller.Name, EntityRow.Packages, null, false, ListLengthMax, 0, cancellationToken))
            .Select(entity => Summarize((PackageEntity)entity))];

    public async Task<Outcome<PackageSummary>> CreateAsync(
        NamespaceIdentity caller, EntityName name, JsonElement body, CancellationToken cancellationToken) =>
        (await PutAsync(caller, name, body, overwrite: false, cancellationToken)).IsRefused(out var refusal, out var package)
            ? refusal
            : Summarize(package);

    async Task<Outcome<PackageSummary>> IPackages.DeleteAsync(NamespaceIdentity caller, EntityName name, CancellationToken cancellationToken) =>
        (await DeleteAsync(caller, name, force: false, cancellationToken)).IsRefused(out var refusal, out var package)
            ? refusal
            : Summarize(package);

    public async Task<Outcome<PackageEntity>> PutAsync(
        NamespaceIdentity caller, EntityName name, JsonElement body, bool overwrite, CancellationToken cancellationToken)
    {
        if (FindChangeObjection(caller, name) is { } objection)
        {
            return objection;
        }

        if (PackagePut.Parse(body, caller.Name).IsRefused(out var refusal, out var put))
        {
            return refusal;
        }

        return put.Binding is { } target && await FindBindingFaultAsync(caller, target, cancellationToken) is { } fault
            ? fault
            : await entities.PutAsync<PackageEntity>(name, overwrite, (_, standing) => put.Apply(name, standing), cancellationToken);
    }

    /// <param name="force">Removes what stands in it as well.</param>
    public async Task<Outcome<PackageEntity>> DeleteAsync(
        NamespaceIdentity caller, EntityName name, bool force, CancellationToken cancellationToken)
    {
        if (name.Namespace != caller.Name)
        {
            return Refusal.Forbidden(name.Path);
        }

        var outcome = await entities.DeleteAsync<PackageEntity>(
            name,
            (session, package) =>
            {
                var content = package.Binding is null ? EntityStore.ActionNames(session, name.Namespace, name.Name) : [];
                return content.Count > 0 && !force
                    ? new Refusal(
                        409,
                        $"Package not empty (contains {content.Count} {(content.Count == 1 ? "entity" : "entities")}). "
                        + "Set force param or delete package contents.")
                    : (EntityName[])[.. content.Select(action => new EntityName(name.Namespace, name.Name, action)), name];
            },
            cancellationToken);
        return outcome.IsRefused(out var refusal, out var deleted)
            ? refusal.Status == 404 ? Refusal.NotFoundNamed(name.Path) : refusal
            : deleted;
    }

    /// <summary>Why the caller may not write at that name, whatever the request says; null: it may.</summary>
    public static Refusal? FindChangeObjection(NamespaceIdentity caller, EntityName name) =>
        name.Namespace != caller.Name ? Refusal.Forbidden(name.Path)
        : name.Name == "default" ? Refusal.BadRequest("Package name 'default' is reserved.")
        : null;

    private async ValueTask<Refusal?> FindBindingFaultAsync(NamespaceIdentity caller, EntityName target, CancellationToken cancellationToken) =>
        await entities.FindAsync(target, cancellationToken) switch
        {
            null => Refusal.BadRequest("Binding references a package that does not exist."),
            PackageEntity provider when !AccessRules.IsOpenTo(caller, target.Namespace, provider) => Refusal.Forbidden(target.Path),
            PackageEntity { Binding: not null } => Refusal.BadRequest("Cannot bind to another package binding."),
            PackageEntity => null,
            _ => new Refusal(409, "Cannot bind to a resource that is not a package."),
        };

    private static PackageSummary Summarize(PackageEntity package) =>
        new(package.Name, package.Version, package.Binding, package.Publish, DateTimeOffset.FromUnixTimeMilliseconds(package.UpdatedMs));
}
