namespace Signalbox.Runtime.Activations;

/// <summary>One activation among those that an invocation led to, without its result and logs.</summary>
public sealed record ActivationRun
{
    public required string Id { get; init; }

    /// <summary>The action, with its package when it has one.</summary>
    public required string Action { get; init; }

    /// <summary>0 for the invocation itself.</summary>
    public required int Depth { get; init; }

    /// <summary>As activation records say it: <c>success</c>, <c>application error</c> …</summary>
    public required string Status { get; init; }

    public required long StartMs { get; init; }

    public required long DurationMs { get; init; }
}
