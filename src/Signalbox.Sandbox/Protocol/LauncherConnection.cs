using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace Signalbox.Sandbox.Protocol;

/// <summary>
/// The host's end of a launcher's socket: frames out are gathered while a write is under way, frames in are handed on
/// where they lie. What comes in was written by untrusted code: a frame that is too long or too short ends it.
/// </summary>
internal sealed class LauncherConnection : IDisposable
{
    private const int HeaderBytes = 9;
    private const int FrameBytesMax = 16 * 1024 * 1024;
    private const int BufferBytes = 64 * 1024;
    private const int KeptBatchBytesMax = 1024 * 1024;

    private readonly Socket _socket;
    private readonly IFrameReceiver _receiver;
    private readonly Lock _gate = new();
    private ArrayBufferWriter<byte> _pending = new(4096);
    private ArrayBufferWriter<byte> _spare = new(4096);
    private bool _sending;

    public LauncherConnection(Socket socket, IFrameReceiver receiver)
    {
        _socket = socket;
        _receiver = receiver;
    }

    /// <summary>Starts to read; returns at once.</summary>
    public void Open() => _ = ReceiveAsync();

    /// <summary>
    /// Queues a frame whose payload is <c>length of head (u32), head, body</c>. True: nobody is writing, so the caller
    /// has to <see cref="Flush"/>, best after it has let go of its locks.
    /// </summary>
    public bool Enqueue(FrameType type, uint activation, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            var length = 4 + head.Length + body.Length;
            var span = _pending.GetSpan(HeaderBytes + length);
            BinaryPrimitives.WriteInt32LittleEndian(span, 5 + length);
            span[4] = (byte)type;
            BinaryPrimitives.WriteUInt32LittleEndian(span[5..], activation);
            BinaryPrimitives.WriteInt32LittleEndian(span[HeaderBytes..], head.Length);
            head.CopyTo(span[(HeaderBytes + 4)..]);
            body.CopyTo(span[(HeaderBytes + 4 + head.Length)..]);
            _pending.Advance(HeaderBytes + length);
            var mustFlush = !_sending;
            _sending = true;
            return mustFlush;
        }
    }

    /// <summary>Queues a frame without payload; as for <see cref="Enqueue"/>, true asks for a <see cref="Flush"/>.</summary>
    public bool EnqueueEmpty(FrameType type)
    {
        lock (_gate)
        {
            var span = _pending.GetSpan(HeaderBytes);
            BinaryPrimitives.WriteInt32LittleEndian(span, HeaderBytes - 4);
            span[4] = (byte)type;
            BinaryPrimitives.WriteUInt32LittleEndian(span[5..], 0);
            _pending.Advance(HeaderBytes);
            var mustFlush = !_sending;
            _sending = true;
            return mustFlush;
        }
    }

    /// <summary>Writes what is queued, and what others queue meanwhile.</summary>
    public void Flush() => _ = SendAsync();

    public void Dispose() => _socket.Dispose();

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                ArrayBufferWriter<byte> batch;
                lock (_gate)
                {
                    if (_pending.WrittenCount == 0)
                    {
                        _sending = false;
                        return;
                    }

                    batch = _pending;
                    _pending = _spare;
                }

                for (var rest = batch.WrittenMemory; rest.Length > 0;)
                {
                    rest = rest[await _socket.SendAsync(rest, SocketFlags.None)..];
                }

                batch.ResetWrittenCount();
                _spare = batch.Capacity <= KeptBatchBytesMax ? batch : new ArrayBufferWriter<byte>(4096);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The reading side meets the same end and reports it; _sending stays true, so nothing is sent any more.
            _socket.Dispose();
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var filled = 0;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None);
                if (received == 0)
                {
                    return;
                }

                filled += received;
                var consumed = HandOn(buffer.AsSpan(0, filled), out var needed);
                if (consumed < 0)
                {
                    return;
                }

                filled -= consumed;
                buffer = MakeRoom(buffer, consumed, filled, needed);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // An end like any other: the process is gone or was ended.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _receiver.OnClosed();
        }
    }

    /// <summary>Hands on every whole frame; the bytes consumed, or -1 when the stream is not what a launcher writes.</summary>
    private int HandOn(ReadOnlySpan<byte> bytes, out int needed)
    {
        var at = 0;
        needed = 0;
        while (bytes.Length - at >= 4)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            if (length is < 5 or > FrameBytesMax)
            {
                return -1;
            }

            needed = 4 + (int)length;
            if (bytes.Length - at < needed)
            {
                return at;
            }

            var frame = bytes.Slice(at, needed);
            _receiver.OnFrame((FrameType)frame[4], BinaryPrimitives.ReadUInt32LittleEndian(frame[5..]), frame[HeaderBytes..]);
            at += needed;
            needed = 0;
        }

        return at;
    }

    private static byte[] MakeRoom(byte[] buffer, int consumed, int filled, int needed)
    {
        var wanted = Math.Max(BufferBytes, needed);
        var keep = wanted <= buffer.Length && buffer.Length <= 2 * wanted;
        var target = keep ? buffer : ArrayPool<byte>.Shared.Rent(wanted);
        if (filled > 0)
        {
            buffer.AsSpan(consumed, filled).CopyTo(target);
        }

        if (!keep)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return target;
    }
}
