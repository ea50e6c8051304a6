namespace Signalbox.Sandbox.Protocol;

/// <summary>Takes what a launcher sends. Called on one thread at a time.</summary>
internal interface IFrameReceiver
{
    /// <summary>One frame. The payload is valid during the call only.</summary>
    void OnFrame(FrameType type, uint activation, ReadOnlySpan<byte> payload);

    /// <summary>The connection is over; nothing follows.</summary>
    void OnClosed();
}
