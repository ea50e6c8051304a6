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
