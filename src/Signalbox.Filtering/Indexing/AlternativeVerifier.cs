using Signalbox.Filtering.Language;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Indexing;

/// <summary>
/// Checks all tests of a candidate against the kept values of the event. Where values lie inside arrays of objects, one
/// value a test has to be found such that no array has to be at two elements at once (events behaviour, section 13.4):
/// a search in path order that, on a contradiction, goes back to the choice that caused it.
/// </summary>
/// <remarks>
/// With member names that repeat in one object the search is as hard as any; it ends after <see cref="MaxSteps"/>
/// values for one filter, which then counts as matching: an event too many does less harm than one too few.
/// </remarks>
internal ref struct AlternativeVerifier
{
    private const int MaxSteps = 1_000_000;

    private readonly MatchBuffers _buffers;
    private readonly ReadOnlySpan<byte> _event;
    private RegisteredAlternative _candidate = null!;
    private Registration? _owner;
    private int _steps;

    public AlternativeVerifier(MatchBuffers buffers, ReadOnlySpan<byte> utf8Event)
    {
        _buffers = buffers;
        _event = utf8Event;
    }

    public bool Accepts(RegisteredAlternative candidate)
    {
        if (_owner != candidate.Owner) _steps = 0;
        _owner = candidate.Owner;
        _candidate = candidate;
        return _buffers.Places.Count == 0 ? AcceptsFlat() : AcceptsInArrays();
    }

    private bool AcceptsFlat()
    {
        var tests = _candidate.Alternative.Tests;
        for (var i = 0; i < tests.Length; i++)
        {
            var leaf = _buffers.FirstLeaf(_candidate.PathIds[i]);
            if (leaf < 0 ? tests[i].AcceptsAbsence : FirstAccepted(tests[i], leaf) >= 0) continue;
            return false;
        }
        return true;
    }

    private readonly int FirstAccepted(FieldTest test, int leaf)
    {
        while (leaf >= 0 && !AcceptsLeaf(test, leaf)) leaf = _buffers.Leaves[leaf].Next;
        return leaf;
    }

    private readonly bool AcceptsLeaf(FieldTest test, int index)
    {
        ref var leaf = ref _buffers.Leaves[index];
        var text = leaf.IsUnescaped ? _buffers.Text(leaf.Start, leaf.Length) : _event.Slice(leaf.Start, leaf.Length);
        var value = new LeafValue(leaf.Kind, text, leaf.IsComparable, leaf.Number, _buffers.Folding);
        return test.Accepts(ref value);
    }

    private bool AcceptsInArrays()
    {
        var tests = _candidate.Alternative.Tests;
        _buffers.Accepted.Forget();
        _buffers.AcceptedEnds.Forget();
        for (var i = 0; i < tests.Length; i++)
        {
            var start = _buffers.Accepted.Count;
            for (var leaf = _buffers.FirstLeaf(_candidate.PathIds[i]); leaf >= 0; leaf = _buffers.Leaves[leaf].Next)
            {
                if (AcceptsLeaf(tests[i], leaf)) _buffers.Accepted.Add(leaf);
            }
            if (_buffers.Accepted.Count == start && !tests[i].AcceptsAbsence) return false;
            _buffers.AcceptedEnds.Add(_buffers.Accepted.Count);
        }
        _buffers.Choices.Prepare(_buffers.ArrayCount, tests.Length);
        var found = Search(0, out _);
        _buffers.Choices.Undo(0);
        return found;
    }

    /// <summary>Finds values for this test and those after it. If there are none, says which levels are to blame.</summary>
    private bool Search(int level, out ulong conflicts)
    {
        conflicts = 0;
        if (level == _candidate.Alternative.Tests.Length) return true;

        var choices = _buffers.Choices;
        var hopeless = -1;
        var end = _buffers.AcceptedEnds[level];
        for (var i = level == 0 ? 0 : _buffers.AcceptedEnds[level - 1]; i < end; i++)
        {
            if (++_steps > MaxSteps) return true;
            var place = _buffers.Leaves[_buffers.Accepted[i]].Place;
            if (hopeless >= 0 && IsInside(place, hopeless)) continue;
            var mark = choices.Mark;
            if (!choices.TryFix(in _buffers.Places, place, level, ref conflicts)) continue;
            choices.ForgetConflicts(level);
            if (Search(level + 1, out var below)) return true;
            choices.Undo(mark);
            if (!Blames(below, level, ref conflicts)) return false;
            hopeless = choices.ElementToBlame(in _buffers.Places, place, level);
            if (hopeless < 0) hopeless = place;
        }
        return _candidate.Alternative.Tests[level].AcceptsAbsence && SearchAbsent(level, ref conflicts);
    }

    private bool SearchAbsent(int level, ref ulong conflicts)
    {
        for (var leaf = _buffers.FirstLeaf(_candidate.PathIds[level]); leaf >= 0; leaf = _buffers.Leaves[leaf].Next)
        {
            if (++_steps > MaxSteps) return true;
            if (!_buffers.Choices.Agree(in _buffers.Places, _buffers.Leaves[leaf].Place)) continue;

            // Other choices before might have left this value out of sight.
            _buffers.Choices.BlameAll(level, ref conflicts);
            return false;
        }
        _buffers.Choices.ForgetConflicts(level);
        if (Search(level + 1, out var below)) return true;
        Blames(below, level, ref conflicts);
        return false;
    }

    /// <summary>Adds the blame of the levels before this one; whether this level's choice is to blame too.</summary>
    private static bool Blames(ulong below, int level, ref ulong conflicts)
    {
        if (!ArrayChoices.HasOwnBit(level))
        {
            conflicts |= below;
            return true;
        }
        conflicts |= below & ~ArrayChoices.Bit(level);
        return (below & ArrayChoices.Bit(level)) != 0;
    }

    private readonly bool IsInside(int place, int element)
    {
        while (place > element) place = _buffers.Places[place].Outer;
        return place == element;
    }
}
