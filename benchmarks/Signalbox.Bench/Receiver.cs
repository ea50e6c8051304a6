using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Signalbox.Bench;

/// <summary>
/// Takes deliveries at next to no cost, as <c>wrk</c> sends events: the cores are the server's. It reads each request and
/// answers 200, or with the value of a challenge; one thread for each connection.
/// </summary>
internal static class Receiver
{
    private static readonly byte[] _taken = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    /// <summary>Listens until the process ends.</summary>
    public static void Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        new Thread(() =>
        {
            while (true)
            {
                var connection = listener.AcceptSocket();
                connection.NoDelay = true;
                new Thread(() => Serve(connection)) { IsBackground = true }.Start();
            }
        }) { IsBackground = true }.Start();
    }

    private static void Serve(Socket connection)
    {
        using (connection)
        {
            var buffer = new byte[256 * 1024];
            var filled = 0;
            try
            {
                while (connection.Receive(buffer.AsSpan(filled)) is var received and > 0)
                {
                    filled += received;
                    while (LengthOfFirst(buffer.AsSpan(0, filled)) is { } length && length <= filled)
                    {
                        connection.Send(Answer(buffer));
                        buffer.AsSpan(length, filled - length).CopyTo(buffer);
                        filled -= length;
                    }
                }
            }
            catch (SocketException)
            {
                // The server was ended.
            }
        }
    }

    /// <summary>The bytes of the first request, head and body; null while its head is not complete.</summary>
    private static int? LengthOfFirst(ReadOnlySpan<byte> requests)
    {
        var end = requests.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = requests[..end];
        var field = head.IndexOf("Content-Length: "u8);
        if (field < 0)
        {
            return end + 4;
        }

        var value = head[(field + "Content-Length: ".Length)..];
        var line = value.IndexOf((byte)'\r');
        return end + 4 + int.Parse(line < 0 ? value : value[..line], CultureInfo.InvariantCulture);
    }

    private static ReadOnlySpan<byte> Answer(ReadOnlySpan<byte> request)
    {
        var target = request[..request.IndexOf("\r\n"u8)];
        var challenge = target.IndexOf("?challenge="u8);
        if (challenge < 0)
        {
            return _taken;
        }

        var value = Encoding.ASCII.GetString(target[(challenge + "?challenge=".Length)..]).Split([' ', '&'])[0];
        return Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {value.Length}\r\n\r\n{value}");
    }
}
