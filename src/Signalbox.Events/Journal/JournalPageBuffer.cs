using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Journal;

/// <summary>
/// The body of a journal page while it is written: from the stored bytes to the bytes of the answer in one copy, in
/// rented memory, up to the limits of the page.
/// </summary>
internal sealed class JournalPageBuffer(Registration registration, int eventsMax, int bytesMax) : IDisposable
{
    private const int FirstBytes = 32 * 1024;
    private const int CountDigitsMax = 10;

    private readonly byte[] _recipient = DeliveredPayload.JsonText(registration.ClientId).ToArray();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);

    /// <summary>Events so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes so far, without what closes the page.</summary>
    public int Length { get; private set; }

    /// <summary>The last event's sequence; null when there is none.</summary>
    public long? Last { get; private set; }

    /// <summary>True when no further event has a place.</summary>
    public bool IsFull { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    private static ReadOnlySpan<byte> Opening => "{\"events\":["u8;

    private static ReadOnlySpan<byte> BeforePosition => "{\"position\":\""u8;

    private static ReadOnlySpan<byte> BeforeEvent => "\",\"event\":"u8;

    private static ReadOnlySpan<byte> BeforeLast => "],\"_page\":{\"last\":\""u8;

    private static ReadOnlySpan<byte> BeforeCount => "\",\"count\":"u8;

    private static int ClosingBytes => BeforeLast.Length + JournalPosition.Length + BeforeCount.Length + CountDigitsMax + 2;

    /// <summary>Adds an event, unless the page would become larger than it may; the first one is always added.</summary>
    /// <param name="eventId">The service's id of the event.</param>
    /// <param name="published">The event as published.</param>
    public bool TryAdd(long sequence, string eventId, ReadOnlySpan<byte> published)
    {
        if (IsFull)
        {
            return false;
        }

        var composedMax = DeliveredPayload.LengthMax(published.Length, _recipient.Length);
        Reserve(Opening.Length + 1 + BeforePosition.Length + JournalPosition.Length + BeforeEvent.Length + composedMax + 1 + ClosingBytes);
        var before = Length;
        Add(Count == 0 ? Opening : ","u8);
        Add(BeforePosition);
        JournalPosition.Write(registration.Id, sequence, _buffer.AsSpan(Length, JournalPosition.Length));
        Length += JournalPosition.Length;
        Add(BeforeEvent);
        Span<byte> id = stackalloc byte[eventId.Length];
        Encoding.ASCII.GetBytes(eventId, id);
        Length += DeliveredPayload.Compose(published, id, _recipient, _buffer.AsSpan(Length));
        Add("}"u8);
        if (Count > 0 && Length + ClosingBytes > bytesMax)
        {
            Length = before;
            IsFull = true;
            return false;
        }

        Last = sequence;
        IsFull = ++Count == eventsMax;
        return true;
    }

    /// <summary>Writes what stands behind the events; there must be one.</summary>
    public void Close()
    {
        Add(BeforeLast);
        JournalPosition.Write(registration.Id, Last!.Value, _buffer.AsSpan(Length, JournalPosition.Length));
        Length += JournalPosition.Length;
        Add(BeforeCount);
        Utf8Formatter.TryFormat(Count, _buffer.AsSpan(Length), out var digits);
        Length += digits;
        Add("}}"u8);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - Length >= bytes)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + bytes, 2 * _buffer.Length));
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
