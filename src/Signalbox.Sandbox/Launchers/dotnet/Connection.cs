using System.Buffers.Binary;
using System.Net.Sockets;

namespace Signalbox.Launcher;

/// <summary>The socket to the host; frames of several threads do not mix.</summary>
internal sealed class Connection
{
    private const int HeaderBytes = 9;

    private readonly NetworkStream _stream;
    private readonly Lock _gate = new();

    public Connection(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        _stream = new NetworkStream(socket);
    }

    public void Send(FrameType type, uint number, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 5 + payload.Length);
        frame[4] = (byte)type;
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(5), number);
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        lock (_gate)
        {
            _stream.Write(frame);
        }
    }

    /// <summary>The next frame; ends the process when the host is gone.</summary>
    public (FrameType Type, uint Number, byte[] Payload) Receive()
    {
        try
        {
            var header = new byte[HeaderBytes];
            _stream.ReadExactly(header);
            var payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(header) - 5];
            _stream.ReadExactly(payload);
            return ((FrameType)header[4], BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(5)), payload);
        }
        catch (IOException)
        {
            System.Diagnostics.Process.GetCurrentProcess().Kill();
            throw;
        }
    }
}
