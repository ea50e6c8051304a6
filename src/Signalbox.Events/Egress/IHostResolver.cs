using System.Net;

namespace Signalbox.Events.Egress;

/// <summary>Turns host names into addresses.</summary>
internal interface IHostResolver
{
    /// <exception cref="System.Net.Sockets.SocketException">The name is unknown.</exception>
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
