using System.Numerics;
using System.Runtime.CompilerServices;

namespace Signalbox.Filtering.Indexing;

/// <summary>
/// A persistent map from byte strings: <see cref="With"/> gives a changed map that shares all but a few nodes with this
/// one, so a reader may go on using the old map. A hash trie of 32-way nodes.
/// </summary>
internal sealed class ByteMap<TValue>
    where TValue : class
{
    public static readonly ByteMap<TValue> Empty = new(null, 0);

    private readonly HashNode? _root;

    private ByteMap(HashNode? root, int count)
    {
        _root = root;
        Count = count;
    }

    public int Count { get; }

    public TValue? Find(ReadOnlySpan<byte> key) =>
        _root is null ? null : Unsafe.As<TValue?>(HashNode.Find(_root, ByteHash.Of(key), key));

    /// <summary>Sets, replaces or (with null) removes the value of a key.</summary>
    public ByteMap<TValue> With(byte[] key, TValue? value)
    {
        var hash = ByteHash.Of(key);
        var existed = _root is not null && HashNode.Find(_root, hash, key) is not null;
        if (value is null && !existed) return this;
        var root = value is null
            ? HashNode.Remove(_root!, hash, key, 0)
            : HashNode.Set(_root, new HashEntry(hash, key, value, null), 0);
        return new ByteMap<TValue>((HashNode?)root, Count + (value is null ? -1 : existed ? 0 : 1));
    }
}

internal abstract class HashSlot
{
    protected HashSlot(bool isEntry) => IsEntry = isEntry;

    public readonly bool IsEntry;
}

internal sealed class HashEntry(ulong hash, byte[] key, object value, HashEntry? next) : HashSlot(true)
{
    public readonly ulong Hash = hash;
    public readonly byte[] Key = key;
    public readonly object Value = value;

    /// <summary>Another key with the same 64-bit hash.</summary>
    public readonly HashEntry? Next = next;
}

internal sealed class HashNode(uint bitmap, HashSlot[] slots) : HashSlot(false)
{
    private const int BitsPerLevel = 5;

    private readonly uint _bitmap = bitmap;
    private readonly HashSlot[] _slots = slots;

    public static object? Find(HashNode node, ulong hash, ReadOnlySpan<byte> key)
    {
        for (var shift = 0; ; shift += BitsPerLevel)
        {
            var bit = Bit(hash, shift);
            if ((node._bitmap & bit) == 0) return null;
            var slot = node._slots[node.IndexOf(bit)];
            if (slot.IsEntry)
            {
                for (var entry = Unsafe.As<HashEntry>(slot); entry is not null; entry = entry.Next)
                {
                    if (entry.Hash == hash && key.SequenceEqual(entry.Key)) return entry.Value;
                }
                return null;
            }
            node = Unsafe.As<HashNode>(slot);
        }
    }

    public static HashNode Set(HashNode? node, HashEntry added, int shift)
    {
        var bit = Bit(added.Hash, shift);
        if (node is null) return new HashNode(bit, [added]);
        var index = node.IndexOf(bit);
        if ((node._bitmap & bit) == 0)
        {
            HashSlot[] grown = [.. node._slots.AsSpan(0, index), added, .. node._slots.AsSpan(index)];
            return new HashNode(node._bitmap | bit, grown);
        }
        var slots = (HashSlot[])node._slots.Clone();
        slots[index] = slots[index] switch
        {
            HashNode below => Set(below, added, shift + BitsPerLevel),
            HashEntry entry when entry.Hash == added.Hash => Chain(entry, added),
            HashEntry entry => Set(Set(null, entry, shift + BitsPerLevel), added, shift + BitsPerLevel),
            _ => throw new InvalidOperationException("A slot is a node or an entry."),
        };
        return new HashNode(node._bitmap, slots);
    }

    public static HashSlot? Remove(HashNode node, ulong hash, byte[] key, int shift)
    {
        var bit = Bit(hash, shift);
        var index = node.IndexOf(bit);
        var left = node._slots[index] is HashNode below
            ? Remove(below, hash, key, shift + BitsPerLevel)
            : Unchain((HashEntry)node._slots[index], key);
        if (left is not null)
        {
            // A lone entry moves up, so that the trie has one shape whatever was removed from it.
            if (shift > 0 && left.IsEntry && node._slots.Length == 1) return left;
            var slots = (HashSlot[])node._slots.Clone();
            slots[index] = left;
            return new HashNode(node._bitmap, slots);
        }
        if (node._slots.Length == 1) return null;
        if (shift > 0 && node._slots.Length == 2 && node._slots[1 - index].IsEntry) return node._slots[1 - index];
        HashSlot[] shrunk = [.. node._slots.AsSpan(0, index), .. node._slots.AsSpan(index + 1)];
        return new HashNode(node._bitmap & ~bit, shrunk);
    }

    private static HashEntry Chain(HashEntry? entry, HashEntry added) =>
        new(added.Hash, added.Key, added.Value, Unchain(entry, added.Key));

    private static HashEntry? Unchain(HashEntry? entry, byte[] key)
    {
        if (entry is null) return null;
        if (entry.Key.AsSpan().SequenceEqual(key)) return entry.Next;
        return new HashEntry(entry.Hash, entry.Key, entry.Value, Unchain(entry.Next, key));
    }

    private static uint Bit(ulong hash, int shift) => 1u << (int)((hash >> shift) & 31);

    private int IndexOf(uint bit) => BitOperations.PopCount(_bitmap & (bit - 1));
}
