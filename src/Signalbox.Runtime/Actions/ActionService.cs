using System.Text.Json;
using Signalbox.Identity;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.EventHandlers;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.Packages;
using Signalbox.Runtime.Sequences;

namespace Signalbox.Runtime.Actions;

/// <summary>The rules of actions, once for all doors.</summary>
internal sealed class ActionService(
    EntityDirectory entities, EntityStore store, ActionResolver resolver, SequenceRules sequences, IActionSandbox sandbox, EffectiveLimits limits)
    : IActions
{
    private const string NotOnBinding = "Operation not permitted on package binding.";

    public IReadOnlyList<ActionKind> Kinds =>
        [.. sandbox.Kinds.Where(kind => kind.IsSupported).Select(kind => new ActionKind(kind.Name, kind.IsDefault))];

    public async Task<ActionListing> ListAsync(NamespaceIdentity caller, ActionQuery query, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(query.Limit, 1, ActionQuery.LimitMax);
        var backwards = query.Before is not null;
        var found = await store.ListActionsAsync(
            caller.Name, query.Text, PlaceOf(query.Before ?? query.After), backwards, limit + 1, cancellationToken);
        var page = found.Take(limit);
        ActionSummary[] items = [.. (backwards ? page.Reverse() : page).Select(Summarize)];
        var hasMore = found.Count > limit;
        return backwards
            ? new ActionListing(items, HasBefore: hasMore, HasAfter: true)
            : new ActionListing(items, HasBefore: query.After is not null, HasAfter: hasMore);
    }

    async Task<Outcome<ActionDetails>> IActions.FindAsync(NamespaceIdentity caller, EntityName name, CancellationToken cancellationToken) =>
        (await FindAsync(caller, name, cancellationToken)).IsRefused(out var refusal, out var resolved) ? refusal : Describe(resolved.Action);

    public async Task<Outcome<ActionDetails>> SaveAsync(
        NamespaceIdentity caller, EntityName name, JsonElement body, long? revision, CancellationToken cancellationToken) =>
        (await PutAsync(caller, name, body, overwrite: revision is not null, revision, cancellationToken)).IsRefused(out var refusal, out var action)
            ? refusal
            : Describe(action);

    async Task<Outcome<ActionDetails>> IActions.DeleteAsync(NamespaceIdentity caller, EntityName name, CancellationToken cancellationToken) =>
        (await DeleteAsync(caller, name, cancellationToken)).IsRefused(out var refusal, out var action) ? refusal : Describe(action);

    public async Task<Outcome<ResolvedAction>> FindAsync(NamespaceIdentity caller, EntityName name, CancellationToken cancellationToken)
    {
        if ((await resolver.ResolveAsync(name, cancellationToken)).IsRefused(out var refusal, out var resolved))
        {
            return OfOthers(caller, name, refusal);
        }

        return AccessRules.FindObjection(caller, resolved) is { } objection ? objection : resolved;
    }

    /// <param name="revision">The state that may be replaced; null: any.</param>
    public async Task<Outcome<ActionEntity>> PutAsync(
        NamespaceIdentity caller, EntityName name, JsonElement body, bool overwrite, long? revision, CancellationToken cancellationToken)
    {
        if (FindChangeObjection(caller, name) is { } objection)
        {
            return objection;
        }

        if (ActionPut.Parse(body, caller.Name, sandbox.Kinds, limits).IsRefused(out var refusal, out var put))
        {
            return refusal;
        }

        if ((await FindPackageObjectionAsync(name, cancellationToken)
            ?? await sequences.FindFaultAsync(caller, name, put.Exec, cancellationToken)) is { } fault)
        {
            return fault;
        }

        var outcome = await entities.PutAsync<ActionEntity>(
            name,
            overwrite,
            (_, standing) => revision is not null && standing?.Revision != revision ? Refusal.ConcurrentModification : Make(name, standing, put),
            cancellationToken);
        if (outcome.IsRefused(out refusal, out var action))
        {
            return refusal;
        }

        sandbox.Prepare(action.Exec.Kind);
        return action;
    }

    public async Task<Outcome<ActionEntity>> DeleteAsync(NamespaceIdentity caller, EntityName name, CancellationToken cancellationToken) =>
        (FindChangeObjection(caller, name) ?? await FindPackageObjectionAsync(name, cancellationToken)) is { } objection
            ? objection
            : await entities.DeleteAsync<ActionEntity>(name, (_, _) => new[] { name }, cancellationToken);

    /// <summary>Why the caller may not write at that name, whatever the request says; null: it may.</summary>
    public static Refusal? FindChangeObjection(NamespaceIdentity caller, EntityName name) =>
        name.Namespace == caller.Name ? null : Refusal.Forbidden(name.Path);

    private Outcome<ActionEntity> Make(EntityName name, ActionEntity? standing, ActionPut put) =>
        put.Exec is null && standing is not null && KindRules.FindDeprecation(standing.Exec.Kind, sandbox.Kinds) is { } deprecated
            ? deprecated
            : put.Apply(name, standing, limits);

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

    /// <summary>In other namespaces, what is not there and what is not open look the same.</summary>
    private static Refusal OfOthers(NamespaceIdentity caller, EntityName name, Refusal refusal) =>
        name.Namespace == caller.Name || refusal.Status != 404 ? refusal : Refusal.Forbidden(name.Path);

    /// <summary>The place of a <c>package/name</c> in the order of the list.</summary>
    private static (string Package, string Name)? PlaceOf(string? title) =>
        title is null ? null : title.Split('/', 2) is [var package, var name] ? (package, name) : ("", title);

    private static ActionSummary Summarize(ActionEntity action) => new()
    {
        Name = action.Name,
        Version = action.Version,
        Kind = action.Exec.Kind,
        IsWeb = action.IsWeb,
        Timeout = TimeSpan.FromMilliseconds(action.Limits.TimeoutMs),
        MemoryMb = action.Limits.MemoryMb,
        LogsMb = action.Limits.LogsMb,
        Concurrency = action.Limits.Concurrency,
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(action.UpdatedMs),
        IsHandler = IsHandler(action),
    };

    private static ActionDetails Describe(ActionEntity action) => new(Summarize(action))
    {
        Revision = action.Revision,
        Code = action.Exec.Code,
        IsBinary = action.Exec.IsBinary,
        Main = action.Exec.Main,
        Components = action.Exec.Components,
        Parameters = Show(action.Parameters),
        Annotations = Show(action.Annotations),
    };

    private static bool IsHandler(ActionEntity action) =>
        action.Annotations.IsTruthy(HandlerNames.UserSequenceAnnotation) || action.Annotations.IsTruthy(HandlerNames.HandlerAnnotation);

    private static ActionParameter[] Show(ParameterList list) =>
        [.. list.Items.Select(item => new ActionParameter(item.Key, item.Value, item.IsInit))];
}
