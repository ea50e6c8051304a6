namespace Signalbox.Events.Journal;

/// <summary>Where to look at a journal.</summary>
public abstract record JournalPlace
{
    public const int LimitMax = 100;

    private JournalPlace()
    {
    }

    /// <summary>Events of the page at most.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>The newest events.</summary>
    public sealed record Latest : JournalPlace;

    /// <summary>The oldest that are still kept.</summary>
    public sealed record Beginning : JournalPlace;

    /// <summary>The first that were received at or after a time.</summary>
    public sealed record From(DateTimeOffset Time) : JournalPlace;

    /// <summary>The next after a position.</summary>
    public sealed record After(string Position) : JournalPlace;

    /// <summary>The last before a position.</summary>
    public sealed record Before(string Position) : JournalPlace;
}
