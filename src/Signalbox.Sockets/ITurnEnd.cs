namespace Signalbox.Sockets;

/// <summary>Something that gathers work during a turn of an <see cref="EventLoop"/>, to do it once.</summary>
public interface ITurnEnd
{
    /// <summary>The turn ends; called on the loop's thread.</summary>
    void OnTurnEnd();
}
