using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Signalbox.Sockets;

namespace Signalbox.Sandbox.Protocol;

/// <summary>
/// The host's end of a launcher's socket, on an event loop: frames out are gathered for the end of the loop's turn,
/// frames in are handed on where they lie. What comes in was written by untrusted code: a frame that is too long or
/// too short ends it.
/// </summary>
internal sealed class LauncherConnection : ISocketHandler, ITurnEnd, IDisposable
{
    private const int HeaderBytes = 9;
    private const int FrameBytesMax = 16 * 1024 * 1024;
    private const int BufferBytes = 64 * 1024;
    private const int KeptBatchBytesMax = 1024 * 1024;

    private readonly LoopSocket _socket;
    private readonly IFrameReceiver _receiver;
    private readonly Lock _gate = new();
    private ArrayBufferWriter<byte> _pending = new(4096);
    private ArrayBufferWriter<byte> _sent = new(4096);
    private int _sentBytes;
    private bool _sending;
    private byte[]? _received = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _receivedBytes;

    public LauncherConnection(Socket socket, IFrameReceiver receiver)
    {
        _receiver = receiver;
        _socket = new LoopSocket(socket, this);
    }

    /// <summary>Starts to read; returns at once.</summary>
    public void Open() => _socket.Open();

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

    /// <summary>Writes what is queued, and what others queue meanwhile: on an event loop when its turn ends, else now.</summary>
    public void Flush()
    {
        if (EventLoop.Current is { } loop)
        {
            loop.AtTurnEnd(this);
        }
        else
        {
            Send();
        }
    }

    public void OnTurnEnd() => Send();

    public void OnWritable() => Send();

    public void OnReadable(bool isOver)
    {
        while (_received is not null)
        {
            var count = _socket.Receive(_received.AsSpan(_receivedBytes), out var error);
            if (error == SocketError.WouldBlock && !isOver)
            {
                return;
            }

            _receivedBytes += count;
            if (count == 0 || !TryHandOn())
            {
                Close();
                return;
            }

            if (!isOver)
            {
                return;
            }
        }
    }

    /// <summary>Ends the connection; the receiver hears of it.</summary>
    public void Dispose() => _socket.Shutdown();

    private void Send()
    {
        while (TakeUnsent() is { Length: > 0 } unsent)
        {
            var count = _socket.Send(unsent.Span, out var error);
            _sentBytes += count;
            if (error == SocketError.WouldBlock && _socket.AwaitWritable())
            {
                return;
            }

            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                // The reading side meets the same end and reports it; _sending stays true, so nothing is sent any more.
                _socket.Shutdown();
                return;
            }
        }
    }

    /// <summary>What has to be sent next: the rest of the last batch, or all that was queued since. Empty: all is sent.</summary>
    private ReadOnlyMemory<byte> TakeUnsent()
    {
        if (_sentBytes < _sent.WrittenCount)
        {
            return _sent.WrittenMemory[_sentBytes..];
        }

        _sent.ResetWrittenCount();
        _sentBytes = 0;
        var spare = _sent.Capacity <= KeptBatchBytesMax ? _sent : new ArrayBufferWriter<byte>(4096);
        lock (_gate)
        {
            (_sent, _pending) = (_pending, spare);
            _sending = _sent.WrittenCount > 0;
            return _sent.WrittenMemory;
        }
    }

    /// <summary>Hands on every whole frame; false when the stream is not what a launcher writes.</summary>
    private bool TryHandOn()
    {
        var consumed = HandOn(_received.AsSpan(0, _receivedBytes), out var needed);
        if (consumed < 0)
        {
            return false;
        }

        _receivedBytes -= consumed;
        _received = MakeRoom(_received!, consumed, _receivedBytes, needed);
        return true;
    }

    private void Close()
    {
        ArrayPool<byte>.Shared.Return(_received!);
        _received = null;
        _socket.Dispose();
        // The end takes files away, which is nothing for a loop.
        ThreadPool.UnsafeQueueUserWorkItem(static receiver => receiver.OnClosed(), _receiver, preferLocal: false);
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
