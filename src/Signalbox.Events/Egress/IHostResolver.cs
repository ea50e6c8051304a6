using System.Net;

namespace Signalbox.Events.Egress;

/// <summary>Turns host names into addresses.</summary>
internal interface IHostResolver
{
    /// <exception cref="System.Net.Sockets.SocketException">The name is unknown.</exception>
    /// <exception cref="NoLookupPlaceException">Too many names are looked up already.</exception>
    Task<IPAddress[]> ResolveAsync(string host, LookupPurpose purpose, CancellationToken cancellationToken);
}

/// <summary>What a name is looked up for. Each has places of its own, so that one cannot take those of the other.</summary>
internal enum LookupPurpose
{
    /// <summary>A request is to be sent there.</summary>
    Delivery,

    /// <summary>A registration names it.</summary>
    Registration,
}
