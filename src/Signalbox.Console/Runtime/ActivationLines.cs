using Signalbox.Runtime.Activations;

namespace Signalbox.WebConsole.Runtime;

/// <summary>A page of the list of activations, as it is shown.</summary>
/// <param name="SearchedTo">The key of the last record that was looked at, when the search stopped before the end.</param>
public sealed record ActivationLines(IReadOnlyList<ActivationLine> Items, bool HasNewer, bool HasOlder, string? SearchedTo)
{
    /// <summary>The longest run of the page, for the bars.</summary>
    public double LongestMs => Items.Count == 0 ? 1 : Math.Max(1, Items.Max(item => item.DurationMs));

    internal static ActivationLines Of(ActivationListing listing) =>
        new([.. listing.Items.Select(ActivationLine.Of)], listing.HasNewer, listing.HasOlder, listing.SearchedTo?.ToString());
}

/// <summary>One line of the list.</summary>
public sealed record ActivationLine
{
    public required string Id { get; init; }

    public required string Key { get; init; }

    public required string Action { get; init; }

    public required string Status { get; init; }

    public required bool IsTimeout { get; init; }

    /// <summary>Its code was loaded for it.</summary>
    public required bool IsCold { get; init; }

    public required double DurationMs { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    internal static ActivationLine Of(ActivationSummary activation) => new()
    {
        Id = activation.Id,
        Key = activation.Cursor.ToString(),
        Action = activation.Action,
        Status = activation.Status,
        IsTimeout = activation.IsTimeout,
        IsCold = activation.Init is not null,
        DurationMs = activation.Duration.TotalMilliseconds,
        StartedAt = activation.StartedAt,
    };
}
