using Microsoft.AspNetCore.Http;
using Signalbox.Identity;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Edge;

/// <summary>One authenticated REST call.</summary>
internal sealed class RuntimeCall(HttpContext context, NamespaceIdentity caller, string transactionId)
{
    public HttpContext Context { get; } = context;

    public NamespaceIdentity Caller { get; } = caller;

    public string TransactionId { get; } = transactionId;

    public string Method => Context.Request.Method;

    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>A query parameter; null when absent.</summary>
    public string? Query(string name) =>
        Context.Request.QueryString.HasValue && Context.Request.Query.TryGetValue(name, out var values) ? values[^1] : null;

    /// <summary>A query parameter that is true or false; absent or empty is false.</summary>
    public Outcome<bool> Flag(string name, bool fallback = false) => Query(name) switch
    {
        null or "" => fallback,
        "true" => true,
        "false" => false,
        var other => Refusal.BadRequest(
            $"The query parameter '{name}' was malformed:\n'{other}' is not a valid Boolean value"),
    };

    /// <summary>
    /// The namespace of a path: <c>_</c> is the caller's. Clients also write <c>ns%2Fpackage</c>; the package is then
    /// the second part.
    /// </summary>
    public Outcome<(string Namespace, string? Package)> Namespace(string segment)
    {
        var slash = segment.IndexOf("%2F", StringComparison.OrdinalIgnoreCase);
        var name = slash < 0 ? segment : segment[..slash];
        var package = slash < 0 ? null : segment[(slash + 3)..];
        if (name == "_")
        {
            name = Caller.Name;
        }
        else if (EntityNameRules.FindNamespaceFault(name) is { } fault)
        {
            return fault;
        }

        return package is not null && EntityNameRules.FindFault(package) is { } badPackage ? badPackage : (name, package);
    }

    /// <summary>The name of an entity in a path.</summary>
    public Outcome<EntityName> Entity(string namespaceSegment, string name) => Entity(namespaceSegment, null, name);

    /// <inheritdoc cref="Entity(string, string)"/>
    public Outcome<EntityName> Entity(string namespaceSegment, string? package, string name)
    {
        if (Namespace(namespaceSegment).IsRefused(out var refusal, out var place))
        {
            return refusal;
        }

        if (package is not null && place.Package is not null)
        {
            return Refusal.UnknownRoute;
        }

        package ??= place.Package;
        return ((package is null ? null : EntityNameRules.FindFault(package)) ?? EntityNameRules.FindFault(name)) is { } fault
            ? fault
            : new EntityName(place.Namespace, package == "default" ? null : package, name);
    }

    /// <summary>The query parameter <c>action</c>: <c>name</c>, <c>package/name</c>, or either below <c>/namespace</c>.</summary>
    public Outcome<EntityName?> NamedAction(string ns)
    {
        if (Query("action") is not { Length: > 0 } text)
        {
            return (EntityName?)null;
        }

        string[] segments = text[0] == '/' ? text[1..].Split('/') : [ns, .. text.Split('/')];
        EntityName? name = segments switch
        {
            [var root, var simple] => new EntityName(root, null, simple),
            [var root, var package, var simple] => new EntityName(root, package == "default" ? null : package, simple),
            _ => null,
        };
        return name is null || !segments.Skip(1).All(EntityNameRules.IsName)
            ? Refusal.BadRequest($"Parameter 'action' must be 'name', 'package/name' or '/namespace/package/name': {text}")
            : name;
    }
}
