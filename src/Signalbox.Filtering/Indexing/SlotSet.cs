namespace Signalbox.Filtering.Indexing;

/// <summary>An immutable set of places in <see cref="Negatives"/>: a short list while it is small, a bitmap when large.</summary>
internal sealed class SlotSet
{
    private const int LongestList = 32;

    private readonly int[]? _few;
    private readonly ulong[]? _bits;

    private SlotSet(int[]? few, ulong[]? bits)
    {
        _few = few;
        _bits = bits;
    }

    public static SlotSet With(SlotSet? set, int slot)
    {
        if (set is null) return new SlotSet([slot], null);
        if (set._few is { } few)
        {
            if (few.Contains(slot)) return set;
            if (few.Length < LongestList) return new SlotSet([.. few, slot], null);
        }
        var bits = set.ToBits(slot);
        bits[slot >> 6] |= 1UL << slot;
        return new SlotSet(null, bits);
    }

    public static SlotSet? Without(SlotSet? set, int slot)
    {
        if (set is null) return null;
        if (set._few is { } few)
        {
            int[] left = [.. few.Where(each => each != slot)];
            return left.Length == 0 ? null : new SlotSet(left, null);
        }
        var bits = set.ToBits(slot);
        bits[slot >> 6] &= ~(1UL << slot);
        return bits.AsSpan().ContainsAnyExcept(0UL) ? new SlotSet(null, bits) : null;
    }

    /// <summary>Takes the members of this set out of a bitmap.</summary>
    public void ClearFrom(Span<ulong> words)
    {
        if (_few is not null)
        {
            foreach (var slot in _few) words[slot >> 6] &= ~(1UL << slot);
            return;
        }
        var bits = _bits.AsSpan();
        for (var i = 0; i < bits.Length && i < words.Length; i++) words[i] &= ~bits[i];
    }

    private ulong[] ToBits(int slot)
    {
        var highest = Math.Max(slot, _few is null ? (_bits!.Length << 6) - 1 : _few.Max());
        var bits = new ulong[(highest >> 6) + 1];
        _bits?.CopyTo(bits, 0);
        foreach (var each in _few ?? []) bits[each >> 6] |= 1UL << each;
        return bits;
    }
}
