using System.Net.Sockets;

namespace Signalbox.Sockets;

/// <summary>
/// A connected socket that an <see cref="EventLoop"/> watches. Receiving is for the loop's thread; sending for one
/// thread at a time, whichever it is.
/// </summary>
public sealed class LoopSocket : IDisposable
{
    private readonly EventLoop _loop = EventLoop.Next();
    private readonly Socket _socket;
    private readonly ISocketHandler _handler;
    private readonly Lock _gate = new();
    private readonly int _descriptor;
    private Readiness _interest = Readiness.Readable;
    private long _key;
    private bool _isForgotten;

    /// <param name="socket">A connected socket, from now on this object's.</param>
    /// <param name="handler">Is called once <see cref="Open"/> was.</param>
    public LoopSocket(Socket socket, ISocketHandler handler)
    {
        _socket = socket;
        _socket.Blocking = false;
        _handler = handler;
        _descriptor = (int)socket.SafeHandle.DangerousGetHandle();
    }

    public Socket Socket => _socket;

    /// <summary>Starts to call the handler.</summary>
    public void Open()
    {
        lock (_gate)
        {
            if (!_isForgotten)
            {
                _key = _loop.Watch(this, _descriptor, _interest);
            }
        }
    }

    /// <summary>Receives what is there; <see cref="SocketError.WouldBlock"/> when nothing is, success and 0 at the end.</summary>
    public int Receive(Span<byte> buffer, out SocketError error)
    {
        try
        {
            return _socket.Receive(buffer, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException)
        {
            error = SocketError.OperationAborted;
            return 0;
        }
    }

    /// <summary>Sends what finds room; <see cref="SocketError.WouldBlock"/> when nothing does.</summary>
    public int Send(ReadOnlySpan<byte> bytes, out SocketError error)
    {
        try
        {
            return _socket.Send(bytes, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException)
        {
            error = SocketError.OperationAborted;
            return 0;
        }
    }

    /// <summary>Asks for one <see cref="ISocketHandler.OnWritable"/>. False: the connection is over.</summary>
    public bool AwaitWritable() => SetInterest(Readiness.Writable, Readiness.None);

    public void PauseReading() => SetInterest(Readiness.None, Readiness.Readable);

    public void ResumeReading() => SetInterest(Readiness.Readable, Readiness.None);

    /// <summary>Ends both directions; the handler is then told that the connection is over.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The other side was quicker; the loop hears of it all the same.
        }
    }

    /// <summary>Closes the socket; the handler is not called any more, except by a call that is under way.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Forget();
        }

        _socket.Dispose();
    }

    internal void OnReady(Readiness readiness)
    {
        var isOver = (readiness & (Readiness.Broken | Readiness.HungUp)) != 0;
        if (isOver)
        {
            lock (_gate)
            {
                // The kernel would tell it at every turn until the socket is closed.
                Forget();
            }
        }

        if (isOver || (readiness & Readiness.Readable) != 0)
        {
            _handler.OnReadable(isOver);
        }

        if (isOver || (readiness & Readiness.Writable) != 0)
        {
            SetInterest(Readiness.None, Readiness.Writable);
            _handler.OnWritable();
        }
    }

    private bool SetInterest(Readiness added, Readiness removed)
    {
        lock (_gate)
        {
            if (_isForgotten)
            {
                return false;
            }

            var interest = (_interest | added) & ~removed;
            if (interest != _interest)
            {
                _interest = interest;
                if (_key != 0)
                {
                    _loop.Change(_descriptor, _key, interest);
                }
            }

            return true;
        }
    }

    private void Forget()
    {
        if (_isForgotten)
        {
            return;
        }

        _isForgotten = true;
        if (_key != 0)
        {
            _loop.Forget(_descriptor, _key);
        }
    }
}
