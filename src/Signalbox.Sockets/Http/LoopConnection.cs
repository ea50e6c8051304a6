using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Signalbox.Sockets.Http;

/// <summary>
/// One connection of the web server on an event loop: what comes in is handed to the web server on the loop's thread,
/// what goes out is sent by whoever flushes it.
/// </summary>
internal sealed class LoopConnection : DefaultConnectionContext, ISocketHandler, IMemoryPoolFeature, ILoopFeature
{
    private const int ReceiveBytesMin = 2 * 1024;
    private const long UnreadBytesMax = 1024 * 1024;
    private const long UnsentBytesMax = 64 * 1024;

    private static long _lastNumber;

    private readonly LoopSocket _socket;
    private readonly PipeWriter _received;
    private readonly PipeReader _toSend;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _inputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _writable;
    private Task _sending = Task.CompletedTask;
    private volatile ConnectionAbortedException? _abortReason;
    private volatile bool _isPaused;
    private bool _isInputOver;

    public LoopConnection(Socket socket, MemoryPool<byte> memory)
    {
        MemoryPool = memory;
        _socket = new LoopSocket(socket, this);
        // The web server goes on where the bytes came in, and sends where it wrote them.
        var input = new Pipe(new PipeOptions(memory, new RequestScheduler(this), PipeScheduler.Inline, UnreadBytesMax, UnreadBytesMax / 2, useSynchronizationContext: false));
        var output = new Pipe(new PipeOptions(memory, PipeScheduler.Inline, PipeScheduler.ThreadPool, UnsentBytesMax, UnsentBytesMax / 2, useSynchronizationContext: false));
        _received = input.Writer;
        _toSend = output.Reader;
        Transport = new Ends(input.Reader, output.Writer);
        ConnectionId = $"L{Interlocked.Increment(ref _lastNumber):X}";
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set<ILoopFeature>(this);
    }

    public MemoryPool<byte> MemoryPool { get; }

    public bool IsOffLoop { get; set; }

    public void Open()
    {
        _sending = SendAsync();
        _socket.Open();
    }

    public void OnReadable(bool isOver)
    {
        while (!_isInputOver)
        {
            // Paused, it may only be told of its end: what is left was not wanted, and nobody is there any more.
            var error = _isPaused ? SocketError.ConnectionReset : Receive();
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error is not null)
            {
                EndInput(error.Value);
            }

            if (!isOver)
            {
                return;
            }
        }
    }

    public void OnWritable() => Interlocked.Exchange(ref _writable, null)?.SetResult();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _abortReason ??= abortReason;
        _socket.Shutdown();
        _toSend.CancelPendingRead();
    }

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        await _sending;
        _socket.Shutdown();
        await _inputEnded.Task;
        _socket.Dispose();
        _closed.Dispose();
    }

    /// <summary>Hands on what is there. Null: there may be more; success: that was the end.</summary>
    private SocketError? Receive()
    {
        var received = _socket.Receive(_received.GetSpan(ReceiveBytesMin), out var error);
        if (received == 0)
        {
            return error;
        }

        _received.Advance(received);
        var handedOn = _received.FlushAsync();
        if (handedOn.IsCompleted)
        {
            return handedOn.Result.IsCompleted ? SocketError.Success : null;
        }

        _isPaused = true;
        _socket.PauseReading();
        _ = ResumeAsync(handedOn);
        return null;
    }

    private async Task ResumeAsync(ValueTask<FlushResult> handedOn)
    {
        await handedOn;
        _isPaused = false;
        _socket.ResumeReading();
    }

    private void EndInput(SocketError error)
    {
        if (_isInputOver)
        {
            return;
        }

        _isInputOver = true;
        _socket.PauseReading();
        _received.Complete(_abortReason ?? FaultOf(error));
        ThreadPool.UnsafeQueueUserWorkItem(
            static connection =>
            {
                connection._closed.Cancel();
                connection._inputEnded.SetResult();
            },
            this,
            preferLocal: false);
    }

    private static Exception? FaultOf(SocketError error) => error switch
    {
        SocketError.Success => null,
        SocketError.ConnectionReset or SocketError.Shutdown => new ConnectionResetException("The client closed the connection."),
        _ => new SocketException((int)error),
    };

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var result = await _toSend.ReadAsync();
                if (result.IsCanceled)
                {
                    break;
                }

                foreach (var segment in result.Buffer)
                {
                    await SendAllAsync(segment);
                }

                _toSend.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // The client is gone. The web server hears of it by its input; an exception here it would take for a bug.
        }

        _socket.Shutdown();
        await _toSend.CompleteAsync(_abortReason);
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var sent = _socket.Send(bytes.Span, out var error);
            bytes = bytes[sent..];
            if (error == SocketError.WouldBlock)
            {
                await WritableAsync();
            }
            else if (error != SocketError.Success)
            {
                throw new SocketException((int)error);
            }
        }
    }

    private Task WritableAsync()
    {
        var writable = new TaskCompletionSource();
        _writable = writable;
        if (!_socket.AwaitWritable())
        {
            // It is over: the next attempt to send says so.
            OnWritable();
        }

        return writable.Task;
    }

    /// <summary>The web server's side of the two pipes.</summary>
    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Where the web server goes on when bytes came in.</summary>
    private sealed class RequestScheduler(LoopConnection connection) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state)
        {
            if (connection.IsOffLoop)
            {
                ThreadPool.Schedule(action, state);
            }
            else
            {
                action(state);
            }
        }
    }
}
