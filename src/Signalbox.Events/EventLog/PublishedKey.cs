using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Signalbox.Events.EventLog;

/// <summary>
/// Half of the SHA-256 of an event's source and id: the same for the same two, however they were written, and as long
/// for every event. Two different events of a provider share one by no chance that is worth a thought.
/// </summary>
internal readonly record struct PublishedKey(ulong High, ulong Low)
{
    public const int Bytes = 16;

    private const int ProviderBytes = 16;
    private const int StackBytes = 512;

    /// <param name="provider">The provider that the source names.</param>
    /// <param name="id">The event's id, unescaped.</param>
    public static PublishedKey Of(Guid provider, ReadOnlySpan<byte> id)
    {
        var length = ProviderBytes + id.Length;
        var text = length <= StackBytes ? stackalloc byte[length] : new byte[length];
        provider.TryWriteBytes(text);
        id.CopyTo(text[ProviderBytes..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return Read(hash);
    }

    /// <summary>As it was stored.</summary>
    public static PublishedKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public byte[] ToArray()
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), Low);
        return bytes;
    }

    /// <summary>A hash already: its bits are as good as any.</summary>
    public override int GetHashCode() => (int)Low;
}
