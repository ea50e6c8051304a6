namespace Signalbox.Filtering.Indexing;

/// <summary>
/// A persistent radix trie of prefixes, or of suffixes when read from the end: one walk along a text finds the values
/// of all stored affixes of it. The empty affix is the root's.
/// </summary>
internal sealed class AffixTrie<TValue>
    where TValue : class
{
    public static readonly AffixTrie<TValue> Empty = new([], null, [], []);

    private readonly byte[] _label;
    private readonly byte[] _firstBytes;
    private readonly AffixTrie<TValue>[] _children;

    private AffixTrie(byte[] label, TValue? value, byte[] firstBytes, AffixTrie<TValue>[] children)
    {
        _label = label;
        Value = value;
        _firstBytes = firstBytes;
        _children = children;
    }

    /// <summary>The value of the affix that ends at this node.</summary>
    public TValue? Value { get; }

    public bool IsEmpty => Value is null && _children.Length == 0;

    /// <summary>The next node along the text, of which <paramref name="position"/> bytes have been walked; null at the end.</summary>
    public AffixTrie<TValue>? Next(ReadOnlySpan<byte> text, bool fromEnd, ref int position)
    {
        if (position >= text.Length) return null;
        var index = _firstBytes.AsSpan().IndexOf(At(text, position, fromEnd));
        if (index < 0) return null;
        var child = _children[index];
        var label = child._label;
        if (position + label.Length > text.Length) return null;
        for (var i = 1; i < label.Length; i++)
        {
            if (At(text, position + i, fromEnd) != label[i]) return null;
        }
        position += label.Length;
        return child;
    }

    /// <summary>The value of exactly this affix.</summary>
    public TValue? Find(ReadOnlySpan<byte> affix, bool fromEnd)
    {
        var position = 0;
        var node = this;
        while (node is not null && position < affix.Length) node = node.Next(affix, fromEnd, ref position);
        return node?.Value;
    }

    /// <summary>Sets, replaces or (with null) removes the value of an affix.</summary>
    public AffixTrie<TValue> With(ReadOnlySpan<byte> affix, bool fromEnd, TValue? value)
    {
        var key = affix.ToArray();
        if (fromEnd) Array.Reverse(key);
        return With(key, value);
    }

    private AffixTrie<TValue> With(ReadOnlySpan<byte> key, TValue? value)
    {
        if (key.IsEmpty) return new AffixTrie<TValue>(_label, value, _firstBytes, _children);
        var index = _firstBytes.AsSpan().IndexOf(key[0]);
        if (index < 0)
        {
            if (value is null) return this;
            var leaf = new AffixTrie<TValue>(key.ToArray(), value, [], []);
            return new AffixTrie<TValue>(_label, Value, [.. _firstBytes, key[0]], [.. _children, leaf]);
        }
        var child = _children[index];
        var shared = key.CommonPrefixLength(child._label);
        if (shared < child._label.Length)
        {
            if (value is null) return this;
            child = child.SplitAt(shared);
        }
        return WithChild(index, child.With(key[shared..], value).Compacted());
    }

    private AffixTrie<TValue> WithChild(int index, AffixTrie<TValue> child)
    {
        if (child.IsEmpty)
        {
            return new AffixTrie<TValue>(
                _label,
                Value,
                [.. _firstBytes.AsSpan(0, index), .. _firstBytes.AsSpan(index + 1)],
                [.. _children.AsSpan(0, index), .. _children.AsSpan(index + 1)]);
        }
        var children = (AffixTrie<TValue>[])_children.Clone();
        children[index] = child;
        return new AffixTrie<TValue>(_label, Value, _firstBytes, children);
    }

    private AffixTrie<TValue> SplitAt(int length)
    {
        var lower = new AffixTrie<TValue>(_label[length..], Value, _firstBytes, _children);
        return new AffixTrie<TValue>(_label[..length], null, [lower._label[0]], [lower]);
    }

    private AffixTrie<TValue> Compacted()
    {
        if (Value is not null || _children.Length != 1) return this;
        var only = _children[0];
        return new AffixTrie<TValue>([.. _label, .. only._label], only.Value, only._firstBytes, only._children);
    }

    private static byte At(ReadOnlySpan<byte> text, int position, bool fromEnd) =>
        fromEnd ? text[text.Length - 1 - position] : text[position];
}
