using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Journal;

/// <summary>
/// A place in a registration's journal, as opaque URL-safe text: the sequence, and a check value that ties it to the
/// registration, so that another journal's position is refused. It means the same after a restart and on both databases.
/// </summary>
internal static class JournalPosition
{
    private const int Bytes = 16;

    /// <summary>Characters of every position.</summary>
    public const int Length = 22;

    /// <param name="sequence">The event's sequence; 0 is the place before all events.</param>
    public static string Format(RegistrationId registration, long sequence)
    {
        Span<byte> text = stackalloc byte[Length];
        Write(registration, sequence, text);
        return Encoding.ASCII.GetString(text);
    }

    /// <summary>Writes the same text as <see cref="Length"/> bytes.</summary>
    public static void Write(RegistrationId registration, long sequence, Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, sequence);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Check(registration, sequence));
        Base64Url.EncodeToUtf8(bytes, text, out _, out _);
    }

    /// <summary>False for anything that <see cref="Format"/> did not make for this registration.</summary>
    public static bool TryParse(RegistrationId registration, ReadOnlySpan<char> text, out long sequence)
    {
        sequence = 0;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (text.Length != Length || text.ContainsAny(" \t\r\n=") || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Bytes)
        {
            return false;
        }

        sequence = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return sequence >= 0 && BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) == Check(registration, sequence);
    }

    /// <summary>Mixes both so that neighbours differ in every bit; it guards against mistakes, not against forgers.</summary>
    private static ulong Check(RegistrationId registration, long sequence)
    {
        Span<byte> id = stackalloc byte[16];
        registration.Value.TryWriteBytes(id, bigEndian: true, out _);
        var mixed = Mix(BinaryPrimitives.ReadUInt64BigEndian(id) + (ulong)sequence);
        return Mix(mixed ^ BinaryPrimitives.ReadUInt64BigEndian(id[8..]));
    }

    /// <summary>The finalizer of SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
