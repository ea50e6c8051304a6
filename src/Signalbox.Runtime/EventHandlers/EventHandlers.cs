using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.Packages;
using Signalbox.Storage;

namespace Signalbox.Runtime.EventHandlers;

/// <summary>
/// Creates, re-points and removes the entities that stand between a delivery and the user's action (events
/// behaviour, section 14.2).
/// </summary>
/// <remarks>
/// <code>
/// acp/sync_event_handler_&lt;suffix&gt;  = [bound_package/handler]                       web, one for each registration
/// &lt;provider&gt;_&lt;event code&gt;_&lt;suffix&gt;  = [bound_package/validate_action, user's action]  private, one for each event
/// bound_package                    → /adobe/acp-event-handler-3.0.0 with recipient_client_id
/// </code>
/// A binding holds one recipient. The first credential of a namespace gets <c>bound_package</c>, each further one a
/// binding of its own, <c>bound_package_&lt;client id&gt;</c>.
/// </remarks>
public sealed class EventHandlers
{
    private const int ListedAtOnce = 200;

    private readonly EntityDirectory _entities;
    private readonly EntityStore _store;
    private readonly ActionResolver _resolver;
    private readonly EffectiveLimits _limits;

    internal EventHandlers(EntityDirectory entities, EntityStore store, ActionResolver resolver, EffectiveLimits limits)
    {
        _entities = entities;
        _store = store;
        _resolver = resolver;
        _limits = limits;
    }

    /// <summary>Bytes of the body of a request to a handler that reach the user's action for sure.</summary>
    public int PayloadBytesMax => _limits.PayloadBytesMax;

    /// <summary>Why the action cannot be a registration's target (unknown, a web action), or null when it can.</summary>
    public async Task<string?> FindObjectionAsync(string @namespace, string action, CancellationToken cancellationToken)
    {
        if (ParseAction(@namespace, action) is not { } name)
        {
            return $"'{action}' does not name an action of the namespace '{@namespace}': write <package>/<action> or <action>.";
        }

        if ((await _resolver.ResolveAsync(name, cancellationToken)).IsRefused(out _, out var resolved))
        {
            return $"The action '{name}' does not exist: create it first.";
        }

        if (resolved.Action.IsWeb)
        {
            return $"The action '{name}' is a web action; a registration's runtime action must be non-web (web: no). "
                + "Give a web action's URL as webhook_url instead.";
        }

        var handlerPackage = await _entities.FindAsync(new EntityName(@namespace, null, HandlerNames.HandlerPackage), cancellationToken);
        return handlerPackage is null or PackageEntity { Binding: null }
            ? null
            : $"'/{@namespace}/{HandlerNames.HandlerPackage}' is no ordinary package, and event handlers need that name: rename it.";
    }

    /// <summary>The user's own actions and sequences by name, without what stands there for registrations.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<(string Name, bool IsWeb)>> ListUserActionsAsync(string @namespace, int limit, CancellationToken cancellationToken)
    {
        var found = new List<(string Name, bool IsWeb)>();
        for (var skip = 0; found.Count < limit; skip += ListedAtOnce)
        {
            var page = await _store.ListAsync(@namespace, EntityRow.Actions, package: null, onlyShared: false, ListedAtOnce, skip, cancellationToken);
            found.AddRange(page.OfType<ActionEntity>()
                .Where(action => !action.Annotations.IsTruthy(HandlerNames.UserSequenceAnnotation) && !action.Annotations.IsTruthy(HandlerNames.HandlerAnnotation))
                .Select(action => (action.Name.Package is { Length: > 0 } package ? $"{package}/{action.Name.Name}" : action.Name.Name, action.IsWeb)));
            if (page.Count < ListedAtOnce)
            {
                break;
            }
        }

        return [.. found.Take(limit).OrderBy(action => action.Name, StringComparer.Ordinal)];
    }

    /// <summary>The path and query of a registration's handler.</summary>
    public static string UrlPath(string @namespace, string suffix) =>
        $"/api/v1/web/{Uri.EscapeDataString(@namespace)}/{HandlerNames.HandlerPackage}/{HandlerNames.HandlerSequence(suffix)}?sync=true&id={suffix}";

    /// <summary>Creates or re-points everything for the registration; idempotent. Returns the handler's URL path and query.</summary>
    /// <exception cref="InvalidOperationException">The target is one that <see cref="FindObjectionAsync"/> objects to.</exception>
    public async Task<string> SaveAsync(EventHandlerSpec spec, CancellationToken cancellationToken)
    {
        var target = ParseAction(spec.Namespace, spec.Action)
            ?? throw new InvalidOperationException($"'{spec.Action}' does not name an action of '{spec.Namespace}'.");
        await _entities.WriteAsync(
            (session, stamp) =>
            {
                var write = new HandlerWrite(_store, session, stamp);
                var binding = SaveBinding(write, spec);
                SaveHandler(write, spec, binding);
                SaveUserSequences(write, spec, binding, target);
                return (true, write.Written);
            },
            cancellationToken);
        return UrlPath(spec.Namespace, spec.Suffix);
    }

    /// <summary>Removes the registration's handler and sequences; the two packages stay. Idempotent.</summary>
    public Task RemoveAsync(string @namespace, string suffix, CancellationToken cancellationToken) =>
        _entities.WriteAsync(
            (session, stamp) =>
            {
                var write = new HandlerWrite(_store, session, stamp);
                write.Delete(new EntityName(@namespace, HandlerNames.HandlerPackage, HandlerNames.HandlerSequence(suffix)));
                foreach (var sequence in UserSequences(session, @namespace, suffix))
                {
                    write.Delete(sequence);
                }

                return (true, write.Written);
            },
            cancellationToken);

    /// <summary>The binding that carries the recipient; made when there is none.</summary>
    private EntityName SaveBinding(HandlerWrite write, EventHandlerSpec spec)
    {
        var shared = new EntityName(spec.Namespace, null, HandlerNames.BoundPackage);
        var name = write.Find(shared) is null || IsBindingFor(write.Find(shared), spec.RecipientClientId)
            ? shared
            : shared with { Name = $"{HandlerNames.BoundPackage}_{spec.RecipientClientId}" };
        write.Put(new PackageEntity
        {
            Name = name,
            Binding = HandlerNames.SystemPackage,
            Parameters = ParameterList.Empty.With(HandlerNames.RecipientParameter, spec.RecipientClientId),
            Annotations = ParameterList.Empty.With("binding", PackagePut.BindingJson(HandlerNames.SystemPackage)),
        });
        return name;
    }

    private void SaveHandler(HandlerWrite write, EventHandlerSpec spec, EntityName binding)
    {
        var package = new EntityName(spec.Namespace, null, HandlerNames.HandlerPackage);
        switch (write.Find(package))
        {
            case null:
                write.Put(new PackageEntity { Name = package });
                break;
            case PackageEntity { Binding: null }:
                break;
            default:
                throw new InvalidOperationException($"'{package}' is no ordinary package.");
        }

        write.Put(Sequence(
            new EntityName(spec.Namespace, HandlerNames.HandlerPackage, HandlerNames.HandlerSequence(spec.Suffix)),
            [new EntityName(spec.Namespace, binding.Name, HandlerNames.Handler.Name)],
            ParameterList.Empty
                .With(HandlerNames.HandlerAnnotation, true)
                .With("web-export", true)
                .With("raw-http", true)
                .With("final", false)));
    }

    private void SaveUserSequences(HandlerWrite write, EventHandlerSpec spec, EntityName binding, EntityName target)
    {
        var wanted = spec.Events
            .Select(of => new EntityName(
                spec.Namespace, null, HandlerNames.UserSequence(of.Provider, of.EventCode, spec.Suffix)))
            .ToHashSet();
        foreach (var name in wanted)
        {
            write.Put(Sequence(
                name,
                [new EntityName(spec.Namespace, binding.Name, HandlerNames.Validator.Name), target],
                ParameterList.Empty.With(HandlerNames.UserSequenceAnnotation, "true").With("raw-http", "true")));
        }

        foreach (var name in UserSequences(write.Session, spec.Namespace, spec.Suffix).Where(name => !wanted.Contains(name)))
        {
            write.Delete(name);
        }
    }

    private ActionEntity Sequence(EntityName name, IReadOnlyList<EntityName> components, ParameterList annotations)
    {
        var exec = new ActionExec { Kind = ActionExec.SequenceKind, Components = components };
        return new ActionEntity
        {
            Name = name,
            Exec = exec,
            Parameters = ActionJson.ParametersOfSequence(exec),
            Limits = new ActionLimitsPut().Over(null, _limits),
            Annotations = annotations.With("provide-api-key", false).With("exec", ActionExec.SequenceKind),
        };
    }

    /// <summary>The user sequences that stand in the namespace for one registration.</summary>
    private EntityName[] UserSequences(WriteSession session, string @namespace, string suffix) =>
    [
        .. EntityStore.ActionNames(session, @namespace, package: "")
            .Where(name => name.EndsWith("_" + suffix, StringComparison.Ordinal))
            .Select(name => new EntityName(@namespace, null, name))
            .Where(name => _store.Find(session, name) is ActionEntity { Exec.IsSequence: true } action
                && action.Annotations.IsTruthy(HandlerNames.UserSequenceAnnotation)),
    ];

    private static bool IsBindingFor(Entity? standing, string recipient) =>
        standing is PackageEntity package
        && package.Binding == HandlerNames.SystemPackage
        && package.Parameters.FindText(HandlerNames.RecipientParameter) == recipient;

    private static EntityName? ParseAction(string @namespace, string action)
    {
        var text = action.StartsWith('/') ? action : $"/{@namespace}/{action}";
        return EntityNameRules.ParseQualified(text, @namespace).IsRefused(out _, out var name) || name.Namespace != @namespace
            ? null
            : name;
    }
}
