using Signalbox.Filtering;

namespace Signalbox.Events.Registrations;

/// <summary>Who gets an event, decided when registrations change rather than when events arrive. Never changed once built.</summary>
internal sealed class Audience
{
    private readonly FilterSnapshot<long>? _filters;
    private readonly Dictionary<long, Registration>? _filtered;
    private readonly Registration[] _unfiltered = [];

    public Audience(string eventCode, IEnumerable<Registration> registrations)
        : this(eventCode, registrations, null)
    {
    }

    /// <param name="filters">The filters of those that have one; null when none has.</param>
    public Audience(string eventCode, IEnumerable<Registration> registrations, FilterSnapshot<long>? filters)
        : this(eventCode, [.. registrations])
    {
        if (filters is not null)
        {
            _filters = filters;
            _filtered = All.Where(r => r.Filter is not null).ToDictionary(r => r.Key);
            _unfiltered = [.. All.Where(r => r.Filter is null)];
        }
    }

    private Audience(string eventCode, Registration[] all)
    {
        EventCode = eventCode;
        All = all;
        Pushing = [.. All.Where(r => r.IsPushing)];
    }

    public string EventCode { get; }

    /// <summary>Everyone with an interest, disabled ones included: they journal.</summary>
    public Registration[] All { get; }

    /// <summary>Those that are also pushed to.</summary>
    public Registration[] Pushing { get; }

    /// <summary>
    /// Those whose filters, if they have any, the event satisfies. Costs nothing when nobody has one, and otherwise
    /// about the same however many have.
    /// </summary>
    /// <param name="utf8Event">The event as published.</param>
    public Audience Of(ReadOnlySpan<byte> utf8Event)
    {
        if (_filters is null)
        {
            return this;
        }

        var matches = new List<long>();
        // An event that the matcher refuses (deeper than it reads) satisfies no filter.
        _filters.TryMatch(utf8Event, matches);
        // In the order of keys, so that all writers touch rows in one order.
        matches.Sort();
        var all = new Registration[_unfiltered.Length + matches.Count];
        for (int at = 0, plain = 0, matched = 0; at < all.Length; at++)
        {
            var takesMatched = plain == _unfiltered.Length || (matched < matches.Count && matches[matched] < _unfiltered[plain].Key);
            all[at] = takesMatched ? _filtered![matches[matched++]] : _unfiltered[plain++];
        }

        return new Audience(EventCode, all);
    }
}
