using Signalbox.Filtering.Indexing;

namespace Signalbox.Filtering;

/// <summary>
/// Any number of filters compiled into one structure, so that matching an event costs about the same however many
/// filters there are. Matching reads the event's bytes once, allocates nothing (the collection given for the results
/// aside) and takes no lock; changes take one lock, touch only what the changed filter touches, and become visible to
/// new matches all at once.
/// </summary>
/// <remarks>
/// <code>
///   event bytes ──► 1 path tree ──► 2 field index of a path ──► 3 found alternatives ──► 4 results
///
///   {                  (root)          hash   of exact texts,      one test ────────────► match
///     "type": ..       ├ type ●        numbers, tokens, networks
///     "data": {        └ data          tries  of prefixes and      several tests
///       "id": ..         ├ id ●        suffixes, plain and folded    │ verify the others
///       "lines": [       └ lines       tree   of numeric ranges      ▼ against kept values
///         {"sku": ..}       └ sku ●    bitmap of anything-but      all pass in one choice
///                                      true, false, null, present  of array elements ───► match
/// </code>
/// <para>
/// An alternative is a filter with its <c>$or</c> multiplied out: field tests that must all pass. It is filed under only
/// one of them, its access: the one that the fewest events are likely to satisfy, judged by the kind of test and by how
/// many alternatives are already filed under the same value. So ten thousand filters that all ask for one event type
/// and each for its own customer are found through the customer, and an event meets only those that it is likely to match.
/// </para>
/// <list type="number">
/// <item>The event is read token by token along a tree of member names. A member that no filter names is skipped with
/// all that is in it. Dots in names separate like levels; arrays add no level.</item>
/// <item>Each value at a path of the tree (●) is looked up in the path's <see cref="FieldIndex"/>: once by hash, once
/// along each trie, once in the range tree. An <c>anything-but</c> is satisfied by nearly every value, so it works the
/// other way round: all of a field's are put into a bitmap and those that refuse the value are taken out.</item>
/// <item>An alternative that is found and has only one test matches. Others become candidates. After the reading,
/// <see cref="AlternativeVerifier"/> checks the rest of their tests against the values kept on the way, and only there
/// is it decided whether values from arrays of objects belong to the same elements. Paths that turned out to be
/// missing add the alternatives that are filed under an absence.</item>
/// <item>A filter is reported once, whichever of its alternatives matched.</item>
/// </list>
/// <para>
/// All of it is immutable and persistent: a change builds new nodes along the way to what it touches, shares everything
/// else, and swaps the root. A match works on the root it began with. Replacing a filter is one swap, so no event slips
/// between the old filter and the new.
/// </para>
/// </remarks>
/// <typeparam name="TKey">What identifies a filter to the caller, for example a registration id.</typeparam>
public sealed class FilterIndex<TKey>
    where TKey : notnull
{
    private readonly Lock _writing = new();
    private readonly IndexWriter _writer = new();
    private readonly Dictionary<TKey, Registration<TKey>> _registrations = [];
    private IndexSnapshot _snapshot;

    /// <summary>Makes an index without filters.</summary>
    public FilterIndex() => _snapshot = _writer.Snapshot();

    /// <summary>How many filters there are.</summary>
    public int Count
    {
        get
        {
            lock (_writing) return _registrations.Count;
        }
    }

    /// <summary>Adds a filter, or replaces the one with the same key. Matches that begin afterwards see it.</summary>
    public void Set(TKey key, EventFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        lock (_writing)
        {
            var added = new Registration<TKey>(_writer.NewRegistrationId(), key);
            _writer.Add(added, filter);
            if (_registrations.TryGetValue(key, out var replaced)) _writer.Remove(replaced);
            _registrations[key] = added;
            Volatile.Write(ref _snapshot, _writer.Snapshot());
        }
    }

    /// <summary>Removes a filter. False when there is none with this key.</summary>
    public bool Remove(TKey key)
    {
        lock (_writing)
        {
            if (!_registrations.Remove(key, out var removed)) return false;
            _writer.Remove(removed);
            Volatile.Write(ref _snapshot, _writer.Snapshot());
            return true;
        }
    }

    /// <summary>
    /// Adds the keys of all filters that the event satisfies, each once and in no particular order, to
    /// <paramref name="matches"/>. May be called from any number of threads at any time.
    /// </summary>
    /// <param name="utf8Event">The event as UTF-8 JSON.</param>
    /// <param name="matches">Receives the keys; what it holds already stays.</param>
    /// <returns>
    /// False, with nothing added, when the bytes are not exactly one well-formed JSON object in valid UTF-8 of at most
    /// <see cref="FilterLimits.MaxEventDepth"/> levels.
    /// </returns>
    public bool TryMatch(ReadOnlySpan<byte> utf8Event, ICollection<TKey> matches)
    {
        ArgumentNullException.ThrowIfNull(matches);
        return FilterSnapshot<TKey>.TryMatch(Volatile.Read(ref _snapshot), utf8Event, matches);
    }

    /// <summary>The filters as they stand now, for matches that must not see later changes.</summary>
    public FilterSnapshot<TKey> Snapshot() => new(Volatile.Read(ref _snapshot));
}
