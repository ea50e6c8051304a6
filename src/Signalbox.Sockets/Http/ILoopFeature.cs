namespace Signalbox.Sockets.Http;

/// <summary>The way of a request away from its connection's loop.</summary>
public interface ILoopFeature
{
    /// <summary>
    /// True: what waits for the request's body goes on in the thread pool. For the time of one request, which has
    /// left the loop by <see cref="PoolThread"/>.
    /// </summary>
    bool IsOffLoop { get; set; }
}
