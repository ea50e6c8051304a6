namespace Signalbox.Runtime.Actions;

/// <summary>Which actions a list is about.</summary>
public sealed record ActionQuery
{
    public const int LimitMax = 200;

    /// <summary>A part of <c>package/name</c>, in any case; null or empty: all.</summary>
    public string? Text { get; init; }

    /// <summary>The page behind the action of this <c>package/name</c> (an empty package is the default one).</summary>
    public string? After { get; init; }

    /// <summary>The page before it.</summary>
    public string? Before { get; init; }

    /// <summary>1 to <see cref="LimitMax"/>.</summary>
    public int Limit { get; init; } = 50;
}
