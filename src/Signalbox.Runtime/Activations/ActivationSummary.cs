namespace Signalbox.Runtime.Activations;

/// <summary>An activation without its result and logs.</summary>
public record ActivationSummary
{
    /// <summary>32 lower-case hex digits.</summary>
    public required string Id { get; init; }

    /// <summary><c>package/name</c>, or <c>name</c> in the default package.</summary>
    public required string Action { get; init; }

    public required string Version { get; init; }

    /// <summary>Such as <c>nodejs:20</c> or <c>sequence</c>; null when the record does not say.</summary>
    public required string? Kind { get; init; }

    /// <summary>The activation id of the enclosing sequence.</summary>
    public required string? Cause { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>As activation records say it: <c>success</c>, <c>application error</c>, <c>action developer error</c>, <c>whisk internal error</c>.</summary>
    public required string Status { get; init; }

    public required bool IsSuccess { get; init; }

    /// <summary>It ended because its time was over.</summary>
    public required bool IsTimeout { get; init; }

    /// <summary>From the request to the start of the code; null when the record does not say.</summary>
    public required TimeSpan? Wait { get; init; }

    /// <summary>Loading of the code; null for a warm start.</summary>
    public required TimeSpan? Init { get; init; }

    public ActivationCursor Cursor => new(StartedAt.ToUnixTimeMilliseconds(), Id);
}
