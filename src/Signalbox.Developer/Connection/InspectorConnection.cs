using System.Net.WebSockets;

namespace Signalbox.Developer.Connection;

/// <summary>A debugger's way into a process on the server.</summary>
/// <param name="Socket">A message of the inspector's protocol is a text message.</param>
/// <param name="CodeFolder">Where the process sees the action's code, such as <c>/action</c>.</param>
internal sealed record InspectorConnection(WebSocket Socket, string CodeFolder) : IDisposable
{
    public void Dispose() => Socket.Dispose();
}
