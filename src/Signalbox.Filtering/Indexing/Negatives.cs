using System.Numerics;

namespace Signalbox.Filtering.Indexing;

/// <summary>
/// The <c>anything-but</c> entries of one field, each in a numbered place. For a value, all places minus those that
/// refuse the value are satisfied: a few words of a bitmap instead of a look at each entry. Immutable.
/// </summary>
internal sealed class Negatives
{
    public static readonly Negatives Empty = new([], []);

    private const int BlockSize = 64;

    private readonly ulong[] _used;
    private readonly RegisteredAlternative?[][] _blocks;

    private Negatives(ulong[] used, RegisteredAlternative?[][] blocks)
    {
        _used = used;
        _blocks = blocks;
    }

    /// <summary>One bit for each place that is taken.</summary>
    public ReadOnlySpan<ulong> Used => _used;

    public RegisteredAlternative At(int slot) => _blocks[slot / BlockSize][slot % BlockSize]!;

    public Negatives With(RegisteredAlternative added, out int slot)
    {
        var block = _used.AsSpan().IndexOfAnyExcept(ulong.MaxValue);
        var used = _used;
        var blocks = _blocks;
        if (block < 0)
        {
            block = _used.Length;
            Array.Resize(ref used, block + 1);
            blocks = [.. blocks, new RegisteredAlternative?[BlockSize]];
        }
        slot = block * BlockSize + BitOperations.TrailingZeroCount(~used[block]);
        return Changed(used, blocks, slot, added);
    }

    public Negatives Without(int slot)
    {
        var left = Changed(_used, _blocks, slot, null);
        return left._used.AsSpan().ContainsAnyExcept(0UL) ? left : Empty;
    }

    private static Negatives Changed(
        ulong[] used, RegisteredAlternative?[][] blocks, int slot, RegisteredAlternative? alternative)
    {
        var block = slot / BlockSize;
        used = (ulong[])used.Clone();
        blocks = (RegisteredAlternative?[][])blocks.Clone();
        blocks[block] = (RegisteredAlternative?[])blocks[block].Clone();
        blocks[block][slot % BlockSize] = alternative;
        if (alternative is null) used[block] &= ~(1UL << slot);
        else used[block] |= 1UL << slot;
        return new Negatives(used, blocks);
    }
}
