using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Signalbox.Server;

/// <summary>
/// Bounds the connections that all actions hold to the relay together: an action may open as many as its sandbox has
/// descriptors, and each takes memory of this server until its time is up. Those of other clients do not count.
/// </summary>
/// <param name="relayPort">The relay's port, see <see cref="ServerAddress.RelayPort"/>.</param>
internal sealed partial class RelayConnections(Func<int> relayPort, int connectionsMax, ILogger<RelayConnections> logger)
{
    public const int ConnectionsMax = 4_096;

    private const string RefusalBody = """{"error":"Actions hold too many connections to this server. Reuse them."}""";

    private static readonly byte[] _refusal = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: {RefusalBody.Length}\r\n"
        + $"Retry-After: 1\r\nConnection: close\r\n\r\n{RefusalBody}");

    private int _open;
    private int _isFull;

    public ConnectionDelegate Bound(ConnectionDelegate next) => connection =>
        connection.LocalEndPoint is IPEndPoint local && local.Port == relayPort() ? ServeAsync(connection, next) : next(connection);

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= connectionsMax)
            {
                await next(connection);
                return;
            }

            if (Interlocked.Exchange(ref _isFull, 1) == 0)
            {
                Log.Full(logger, connectionsMax);
            }

            await connection.Transport.Output.WriteAsync(_refusal, connection.ConnectionClosed);
            await connection.Transport.Output.CompleteAsync();
        }
        catch (OperationCanceledException)
        {
            // Gone before it was answered.
        }
        finally
        {
            // Told again only after there was room for long, not with every connection at the brink.
            if (Interlocked.Decrement(ref _open) < connectionsMax / 2)
            {
                Volatile.Write(ref _isFull, 0);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Actions hold {ConnectionsMax} connections to this server's API; more are refused until some end")]
        public static partial void Full(ILogger logger, int connectionsMax);
    }
}
