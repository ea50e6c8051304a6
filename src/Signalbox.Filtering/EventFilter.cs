using Signalbox.Filtering.Language;

namespace Signalbox.Filtering;

/// <summary>
/// A filter as its author wrote it, checked and compiled: a subset of the event-ruler pattern language
/// (events behaviour, sections 13.3 to 13.5). Immutable; the same filter may be used in any number of indexes.
/// </summary>
public sealed class EventFilter
{
    internal EventFilter(IReadOnlyList<FilterAlternative> alternatives) => Alternatives = alternatives;

    /// <summary>The filter in disjunctive normal form: an event matches when it satisfies one of these.</summary>
    internal IReadOnlyList<FilterAlternative> Alternatives { get; }

    /// <summary>Compiles a filter's JSON text. Any text is allowed: a wrong one gives an error, never an exception.</summary>
    public static FilterParseResult Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return FilterParser.Parse(json);
    }

    /// <summary>
    /// Whether one event matches this filter. An event that is not one JSON object matches nothing. To match an event
    /// against several filters, put them into a <see cref="FilterIndex{TKey}"/>.
    /// </summary>
    public bool Matches(ReadOnlySpan<byte> utf8Event)
    {
        var index = new FilterIndex<bool>();
        index.Set(true, this);
        var matches = new List<bool>(1);
        return index.TryMatch(utf8Event, matches) && matches.Count > 0;
    }
}
