namespace Signalbox.Sockets;

/// <summary>What a <see cref="LoopSocket"/> tells, on its loop's thread. Whatever is done here holds up the loop's other sockets.</summary>
public interface ISocketHandler
{
    /// <summary>There are bytes to receive, or the end of them.</summary>
    /// <param name="isOver">
    /// The connection is over in both directions, and this is the last call: what is still there has to be received now.
    /// </param>
    void OnReadable(bool isOver);

    /// <summary>Bytes can be sent again. Called once for each <see cref="LoopSocket.AwaitWritable"/>, and when the connection is over.</summary>
    void OnWritable();
}
