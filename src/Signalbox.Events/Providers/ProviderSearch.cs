namespace Signalbox.Events.Providers;

/// <summary>Which providers of an organization, newest first.</summary>
public sealed record ProviderSearch
{
    public const int LimitMax = 100;

    /// <summary>A part of the label, in any case, or an id; null or empty: all.</summary>
    public string? Text { get; init; }

    /// <summary>A group of families, such as <c>Experience Cloud</c>; null: all.</summary>
    public string? Group { get; init; }

    /// <summary>Only those that the workspace may change.</summary>
    public bool OnlyOwn { get; init; }

    /// <summary>Only those that have an event type: others cannot be subscribed to.</summary>
    public bool OnlyWithEvents { get; init; }

    public ProviderKey? OlderThan { get; init; }

    public ProviderKey? NewerThan { get; init; }

    /// <summary>1 to <see cref="LimitMax"/>.</summary>
    public int Limit { get; init; } = 25;
}
