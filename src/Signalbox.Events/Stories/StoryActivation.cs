namespace Signalbox.Events.Stories;

/// <summary>One run of an action that an attempt led to.</summary>
public sealed record StoryActivation
{
    public required string ActivationId { get; init; }

    /// <summary>The action, with its package when it has one.</summary>
    public required string Action { get; init; }

    /// <summary>0 for the outermost.</summary>
    public required int Depth { get; init; }

    /// <summary><c>success</c>, <c>application error</c>, <c>action developer error</c> or <c>whisk internal error</c>.</summary>
    public required string Status { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required long DurationMs { get; init; }
}
