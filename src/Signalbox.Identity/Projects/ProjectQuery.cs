namespace Signalbox.Identity.Projects;

/// <summary>Which projects, newest first.</summary>
public sealed record ProjectQuery
{
    public const int LimitMax = 100;

    /// <summary>Null: of all organizations.</summary>
    public OrganizationId? Organization { get; init; }

    /// <summary>A part of the title or name in any case; null or empty: all.</summary>
    public string? Search { get; init; }

    /// <summary>Only those older than this one.</summary>
    public ProjectKey? OlderThan { get; init; }

    /// <summary>Only those newer than this one: the page next to it.</summary>
    public ProjectKey? NewerThan { get; init; }

    /// <summary>1 to <see cref="LimitMax"/>.</summary>
    public int Limit { get; init; } = 25;
}
