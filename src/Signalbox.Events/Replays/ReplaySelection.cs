using Signalbox.Events.DeadLetters;

namespace Signalbox.Events.Replays;

/// <summary>Which of a registration's events are delivered again.</summary>
internal abstract record ReplaySelection
{
    private ReplaySelection()
    {
    }

    /// <summary>As the API and the database name it.</summary>
    public abstract string Kind { get; }

    /// <summary>One event of its journal.</summary>
    public sealed record OneEvent(Guid EventId) : ReplaySelection
    {
        public const string Word = "event";

        public override string Kind => Word;
    }

    /// <summary>Dead letters: they cease to be such.</summary>
    public sealed record Failed(DeadLetterFilter Filter) : ReplaySelection
    {
        public const string Word = "failed";

        public override string Kind => Word;
    }

    /// <summary>All events of its journal that were received from a time on and before another.</summary>
    public sealed record Range(DateTimeOffset From, DateTimeOffset To) : ReplaySelection
    {
        public const string Word = "range";

        public override string Kind => Word;
    }
}
