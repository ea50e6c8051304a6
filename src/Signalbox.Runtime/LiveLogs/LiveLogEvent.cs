namespace Signalbox.Runtime.LiveLogs;

/// <summary>A line, or the end of an activation.</summary>
public sealed record LiveLogEvent
{
    /// <summary>The action's name from the root: <c>/ns/package/name</c>.</summary>
    public required string Action { get; init; }

    public required string ActivationId { get; init; }

    /// <summary>When the line was printed; null for an end.</summary>
    public required DateTimeOffset? Time { get; init; }

    /// <summary>It was printed to the standard error stream.</summary>
    public required bool IsError { get; init; }

    /// <summary>The line; at an end the error, when there was one.</summary>
    public required string Text { get; init; }

    /// <summary>How the activation ended; null for a line.</summary>
    public required string? Status { get; init; }

    public required TimeSpan? Duration { get; init; }
}
