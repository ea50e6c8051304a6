using Signalbox.WebConsole.Components;
using Signalbox.Runtime.Actions;

namespace Signalbox.WebConsole.Runtime;

/// <summary>A page of the list of actions, as it is shown.</summary>
public sealed record ActionLines(IReadOnlyList<ActionLine> Items, bool HasBefore, bool HasAfter)
{
    internal static ActionLines Of(ActionListing listing) =>
        new([.. listing.Items.Select(ActionLine.Of)], listing.HasBefore, listing.HasAfter);
}

/// <summary>One line of the list.</summary>
public sealed record ActionLine
{
    public required string Title { get; init; }

    /// <summary>The place in the order of the list.</summary>
    public required string Key { get; init; }

    public required string Kind { get; init; }

    public required bool IsWeb { get; init; }

    public required bool IsHandler { get; init; }

    public required string Limits { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    internal static ActionLine Of(ActionSummary action) => new()
    {
        Title = action.Title,
        Key = $"{action.Name.Package}/{action.Name.Name}",
        Kind = action.Kind,
        IsWeb = action.IsWeb,
        IsHandler = action.IsHandler,
        Limits = action.IsSequence ? "–" : $"{action.MemoryMb} MB, {Durations.Show(action.Timeout)}",
        Version = action.Version,
        UpdatedAt = action.UpdatedAt,
    };
}
