using System.Buffers.Binary;
using System.Net.Sockets;

namespace Signalbox.Sandbox.Inspection;

/// <summary>
/// A debugger's way into one process: messages of Node.js's inspector protocol, each a JSON object in UTF-8. While it is
/// open the process has no deadlines and is not held to its heartbeat; when it is closed the action goes on without it.
/// </summary>
/// <remarks>On the wire: length (u32, little endian), JSON. What comes was written by untrusted code.</remarks>
public sealed class Inspector : IDisposable
{
    private const int LengthBytes = 4;

    /// <summary>Enough for the source text of any action.</summary>
    private const int MessageBytesMax = 64 * 1024 * 1024;

    private static readonly TimeSpan _debuggerPatience = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly TaskCompletionSource _isSetUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _mayLoad;

    internal Inspector(Socket socket, string codeFolder)
    {
        _socket = socket;
        _stream = new NetworkStream(socket);
        CodeFolder = codeFolder;
        _mayLoad = WaitForDebuggerAsync();
    }

    /// <summary>Where the action's code lies as the process sees it, such as <c>/action</c>: scripts are named by it.</summary>
    public string CodeFolder { get; }

    /// <summary>False when it was closed.</summary>
    internal bool IsOpen { get; private set; } = true;

    /// <summary>Sends one message. Not for several callers at once.</summary>
    /// <exception cref="IOException">The process is gone.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var length = new byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, message.Length);
        await _stream.WriteAsync(length, cancellationToken);
        await _stream.WriteAsync(message, cancellationToken);
        if (message.Span.IndexOf("\"Runtime.runIfWaitingForDebugger\""u8) >= 0)
        {
            _isSetUp.TrySetResult();
        }
    }

    /// <summary>The next message; null when the process is gone or does not keep to the protocol.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var length = new byte[LengthBytes];
            await _stream.ReadExactlyAsync(length, cancellationToken);
            var bytes = BinaryPrimitives.ReadUInt32LittleEndian(length);
            if (bytes > MessageBytesMax)
            {
                return null;
            }

            var message = new byte[bytes];
            await _stream.ReadExactlyAsync(message, cancellationToken);
            return message;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        IsOpen = false;
        _isSetUp.TrySetResult();
        _stream.Dispose();
        _socket.Dispose();
    }

    /// <summary>Completes when the code may be loaded: the debugger has set its breakpoints, or was given time to.</summary>
    internal Task MayLoadAsync() => _mayLoad;

    private async Task WaitForDebuggerAsync()
    {
        try
        {
            await _isSetUp.Task.WaitAsync(_debuggerPatience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // A debugger that never says that it is ready.
        }
    }
}
