namespace Signalbox.Runtime.EventHandlers;

/// <summary>What one event registration needs of a namespace: a web handler and a sequence for each event of interest.</summary>
public sealed record EventHandlerSpec
{
    public required string Namespace { get; init; }

    /// <summary>10 alphanumerics, unique to the registration.</summary>
    public required string Suffix { get; init; }

    /// <summary>The client id that deliveries must be addressed to.</summary>
    public required string RecipientClientId { get; init; }

    /// <summary><c>package/action</c>, <c>action</c>, or <c>/namespace/package/action</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Provider name and event code of each event of interest.</summary>
    public required IReadOnlyList<(string Provider, string EventCode)> Events { get; init; }
}

/// <summary>Creates, re-points and removes the entities that stand between a delivery and the user's action.</summary>
public sealed class EventHandlers
{
    /// <summary>Why the action cannot be a registration's target (unknown, a web action), or null when it can.</summary>
    public Task<string?> FindObjectionAsync(string @namespace, string action, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Creates or re-points everything for the registration; idempotent. Returns the handler's URL path and query.</summary>
    public Task<string> SaveAsync(EventHandlerSpec spec, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Removes the registration's handler and sequences; the two packages stay. Idempotent.</summary>
    public Task RemoveAsync(string @namespace, string suffix, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
