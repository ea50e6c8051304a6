using System.Buffers.Binary;
using System.Net.Sockets;

namespace Signalbox.Events.Egress;

/// <summary>What the kernel knows of a connection: <c>struct tcp_info</c> of Linux (linux/tcp.h).</summary>
/// <param name="IsEstablished">Neither side has ended it.</param>
/// <param name="BytesAcknowledged">Of what was sent, what the other side's system has.</param>
/// <param name="SegmentsReceived">Packets that came, those without data included.</param>
internal readonly record struct ConnectionState(bool IsEstablished, ulong BytesAcknowledged, uint SegmentsReceived)
{
    private const int Tcp = 6;
    private const int TcpInfo = 11;
    private const int BytesNeeded = 144;

    /// <summary>Null where the system does not tell.</summary>
    public static ConnectionState? Read(Socket? socket)
    {
        if (socket is null || !OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> info = stackalloc byte[BytesNeeded];
        try
        {
            return socket.GetRawSocketOption(Tcp, TcpInfo, info) < BytesNeeded
                ? null
                : new(info[0] == 1, BinaryPrimitives.ReadUInt64LittleEndian(info[120..]), BinaryPrimitives.ReadUInt32LittleEndian(info[140..]));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
