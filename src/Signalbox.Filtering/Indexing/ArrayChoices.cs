namespace Signalbox.Filtering.Indexing;

/// <summary>
/// The array elements that the tests verified so far have fixed. Each test is a level; a level that fixes an array
/// remembers how deep it lies, so that a contradiction can be traced to the choice it came from.
/// </summary>
internal sealed class ArrayChoices
{
    private const int Free = -1;

    // Levels and depths from here on share a bit; sharing only makes the search look at more than it needs to.
    private const int LastBit = 63;

    private Choice[] _choices = [];
    private ulong[] _depths = [];
    private Pile<int> _fixed = new(16);

    /// <summary>The choices at this moment, to return to.</summary>
    public int Mark => _fixed.Count;

    public static ulong Bit(int level) => 1UL << Math.Min(level, LastBit);

    public static bool HasOwnBit(int level) => level < LastBit;

    public void Prepare(int arrays, int levels)
    {
        if (_choices.Length < arrays)
        {
            var known = _choices.Length;
            Array.Resize(ref _choices, Math.Max(arrays, known * 2));
            Array.Fill(_choices, new Choice { Index = Free }, known, _choices.Length - known);
        }
        if (_depths.Length < levels) _depths = new ulong[levels * 2];
    }

    /// <summary>Whether nothing chosen so far contradicts a place.</summary>
    public bool Agree(ref readonly Pile<ArrayPlace> places, int place)
    {
        for (; place >= 0; place = places[place].Outer)
        {
            var chosen = _choices[places[place].Array].Index;
            if (chosen != Free && chosen != places[place].Index) return false;
        }
        return true;
    }

    /// <summary>Fixes the arrays around a place. When another element is fixed, names the level that fixed it.</summary>
    public bool TryFix(ref readonly Pile<ArrayPlace> places, int place, int level, ref ulong conflicts)
    {
        var mark = Mark;
        for (; place >= 0; place = places[place].Outer)
        {
            ref readonly var at = ref places[place];
            ref var choice = ref _choices[at.Array];
            if (choice.Index == at.Index) continue;
            if (choice.Index != Free)
            {
                conflicts |= Bit(choice.Level);
                _depths[choice.Level] |= Bit(choice.Depth);
                Undo(mark);
                return false;
            }
            choice = new Choice { Index = at.Index, Level = level, Depth = at.Depth };
            _fixed.Add(at.Array);
        }
        return true;
    }

    public void Undo(int mark)
    {
        for (var i = _fixed.Count - 1; i >= mark; i--) _choices[_fixed[i]].Index = Free;
        _fixed.CutTo(mark);
    }

    public void ForgetConflicts(int level) => _depths[level] = 0;

    /// <summary>A failure for which every choice of the levels before may be to blame.</summary>
    public void BlameAll(int level, ref ulong conflicts)
    {
        conflicts = ulong.MaxValue;
        for (var i = 0; i < level; i++) _depths[i] = ulong.MaxValue;
    }

    /// <summary>
    /// The outermost element around a level's place such that every place inside it would fail in the same way.
    /// </summary>
    public int ElementToBlame(ref readonly Pile<ArrayPlace> places, int place, int level)
    {
        var deepest = 63 - System.Numerics.BitOperations.LeadingZeroCount(_depths[level]);
        if (deepest >= LastBit) return place;
        while (place >= 0 && places[place].Depth > deepest) place = places[place].Outer;
        return place;
    }

    private struct Choice
    {
        public int Index;
        public int Level;
        public int Depth;
    }
}
