namespace Signalbox.Runtime.Activations;

/// <summary>Which activations a list is about.</summary>
public sealed record ActivationQuery
{
    public const int LimitMax = 200;

    /// <summary><c>package/name</c>, or <c>name</c> of any package; null or empty: all actions.</summary>
    public string? Action { get; init; }

    /// <summary>Only those that succeeded, or only those that did not; null: both.</summary>
    public bool? Succeeded { get; init; }

    /// <summary>Earliest start, inclusive.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Latest start, inclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The page of what started before this one.</summary>
    public ActivationCursor? OlderThan { get; init; }

    /// <summary>The page of what started after this one.</summary>
    public ActivationCursor? NewerThan { get; init; }

    /// <summary>1 to <see cref="LimitMax"/>.</summary>
    public int Limit { get; init; } = 50;
}
