using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Inspections;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.LiveLogs;
using Signalbox.Runtime.Namespaces;
using Signalbox.Runtime.Packages;

namespace Signalbox.Runtime.Edge;

/// <summary>
/// The REST API's table of contents (OpenWhisk behaviour, section 1.1). It is matched here rather than by ASP.NET
/// Core's routing because a slash at the end has a meaning: <c>actions/p</c> is an action, <c>actions/p/</c> the
/// content of a package.
/// </summary>
internal sealed class RuntimeRoutes(
    NamespaceEndpoints namespaces,
    PackageEndpoints packages,
    ActionEndpoints actions,
    InvokeEndpoint invoke,
    ActivationEndpoints activations,
    LogStreamEndpoint logs,
    LoadEndpoint loads,
    InspectEndpoint inspections,
    LimitsEndpoint limits)
{
    /// <summary>Serves one call; the segments are those behind <c>/api/v1/</c>.</summary>
    public Task<Reply> RouteAsync(RuntimeCall call, string[] segments) => WithoutIdleSlash(segments) switch
    {
        ["namespaces"] => Get(call, namespaces.ListAsync),

        ["namespaces", var ns, "actions"] => Get(call, c => actions.ListAsync(c, ns, null)),
        ["namespaces", var ns, "actions", var package, ""] =>
            call.Method == "GET" ? actions.ListAsync(call, ns, package) : Answer(Refusal.UnknownRoute),
        ["namespaces", var ns, "actions", var name] => ActionAsync(call, call.Entity(ns, name)),
        ["namespaces", var ns, "actions", var package, var name] => ActionAsync(call, call.Entity(ns, package, name)),

        ["namespaces", var ns, "packages"] => Get(call, c => packages.ListAsync(c, ns)),
        ["namespaces", var ns, "packages", var name] => PackageAsync(call, call.Entity(ns, name)),

        ["namespaces", var ns, "activations"] => Get(call, c => activations.ListAsync(c, ns)),
        ["namespaces", var ns, "activations", var id] => Get(call, c => activations.GetAsync(c, ns, id)),
        ["namespaces", var ns, "activations", var id, "logs"] => Get(call, c => activations.GetLogsAsync(c, ns, id)),
        ["namespaces", var ns, "activations", var id, "result"] => Get(call, c => activations.GetResultAsync(c, ns, id)),

        ["namespaces", var ns, "logs", "stream"] => Get(call, c => logs.StreamAsync(c, ns)),
        ["namespaces", var ns, "load"] =>
            call.Method == "POST" ? loads.LoadAsync(call, ns) : Answer(Refusal.MethodNotAllowed("POST")),
        ["namespaces", var ns, "inspect"] => Get(call, c => inspections.InspectAsync(c, ns)),

        ["namespaces", var ns, "limits"] => Get(call, c => limits.GetAsync(c, ns)),
        ["namespaces", _, "limits", _] => Get(call, _ => Answer(
            Refusal.BadRequest("Inner entity level routes for limits are not yet implemented."))),

        ["namespaces", var ns, ("triggers" or "rules") and var kind] =>
            Get(call, c => namespaces.ListNothingAsync(c, ns, kind)),
        ["namespaces", _, "triggers", _] => Answer(Refusal.NotBuilt("Triggers")),
        ["namespaces", _, "rules", _] => Answer(Refusal.NotBuilt("Rules")),

        _ => Answer(Refusal.UnknownRoute),
    };

    private Task<Reply> ActionAsync(RuntimeCall call, Outcome<Entities.EntityName> name) =>
        name.IsRefused(out var refusal, out var action) ? Answer(refusal) : call.Method switch
        {
            "POST" => invoke.InvokeAsync(call, action),
            "GET" => actions.GetAsync(call, action),
            "PUT" => actions.PutAsync(call, action),
            "DELETE" => actions.DeleteAsync(call, action),
            _ => Answer(Refusal.MethodNotAllowed("GET, PUT, POST, DELETE")),
        };

    private Task<Reply> PackageAsync(RuntimeCall call, Outcome<Entities.EntityName> name) =>
        name.IsRefused(out var refusal, out var package) ? Answer(refusal) : call.Method switch
        {
            "GET" => packages.GetAsync(call, package),
            "PUT" => packages.PutAsync(call, package),
            "DELETE" => packages.DeleteAsync(call, package),
            _ => Answer(Refusal.MethodNotAllowed("GET, PUT, DELETE")),
        };

    /// <summary>Behind the name of a collection, a slash at the end means nothing.</summary>
    private static string[] WithoutIdleSlash(string[] segments) => segments is [_, ""] or [_, _, _, ""] ? segments[..^1] : segments;

    private static Task<Reply> Get(RuntimeCall call, Func<RuntimeCall, Task<Reply>> handler) =>
        call.Method == "GET" ? handler(call) : Answer(Refusal.MethodNotAllowed("GET"));

    private static Task<Reply> Answer(Reply reply) => Task.FromResult(reply);
}
