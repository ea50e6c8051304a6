using System.Buffers.Binary;

namespace Signalbox.Filtering.Indexing;

/// <summary>Hashes byte strings fast; seeded by process, so that nobody can choose values that collide.</summary>
internal static class ByteHash
{
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Seed ^ ((ulong)bytes.Length * 0x9E3779B97F4A7C15);
        while (bytes.Length > 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }
        return Mix(Mix(hash ^ Tail(bytes)));
    }

    private static ulong Tail(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length;
        if (length == 8) return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (length >= 4)
        {
            var last = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - 4)..]);
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes) | ((ulong)last << 32);
        }
        if (length == 0) return 0;
        return bytes[0] | ((ulong)bytes[length >> 1] << 8) | ((ulong)bytes[length - 1] << 16);
    }

    private static ulong Mix(ulong value)
    {
        var high = Math.BigMul(value, 0xD6E8FEB86659FD93 ^ (Seed << 1), out var low);
        return high ^ low;
    }
}
