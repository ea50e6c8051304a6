using System.Net.Sockets;

namespace Signalbox.Events.Egress;

/// <summary>
/// A connection that may be used again. Endpoints close what was idle, and their word of it may cross the next request: that
/// fails as a <see cref="StaleConnectionException"/>. A request that has reached the endpoint's system is an attempt,
/// whatever the endpoint does then; where the kernel does not tell, every end is taken for that.
/// </summary>
/// <param name="inner">The connection, within TLS if it has it.</param>
/// <param name="socket">What it goes through, to the endpoint or to a proxy; null when that is not known.</param>
internal sealed class KeptConnection(Stream inner, Socket? socket) : Stream
{
    // An end that the endpoint sent before the request came, and what it sent when the request came.
    private const int SegmentsOfCrossing = 2;

    /// <summary>What one answer may have in all, in bytes: what is read of its content, and as much again around it, such as sizes of chunks.</summary>
    private const int AnswerBytesMax = 2 * WebhookClient.ReadBytesMax;

    private volatile bool _hasAnswered;
    private volatile bool _isAsked;
    private ConnectionState? _asked;
    private long _answerBytes;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException exception) when (HasCrossed(isReset: true))
        {
            throw new StaleConnectionException(exception);
        }

        if (count > 0)
        {
            (_hasAnswered, _isAsked) = (true, false);
            _answerBytes += count;
            if (_answerBytes > AnswerBytesMax)
            {
                throw new IOException($"The answer has more than {AnswerBytesMax} bytes, what stands around its content included.");
            }
        }
        else if (buffer.Length > 0 && _isAsked)
        {
            // An end that is only told is a reason for the HTTP client to send a request without a body again.
            throw HasCrossed(isReset: false)
                ? new StaleConnectionException(null)
                : new IOException("The endpoint closed the connection before it answered.");
        }

        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_hasAnswered && !_isAsked)
        {
            _asked = ConnectionState.Read(socket);
            if (_asked is { IsEstablished: false })
            {
                throw new StaleConnectionException(null);
            }
        }

        if (!_isAsked)
        {
            (_isAsked, _answerBytes) = (true, 0);
        }

        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException exception) when (HasCrossed(isReset: true))
        {
            throw new StaleConnectionException(exception);
        }
    }

    /// <summary>True when the connection ended before the endpoint's system had anything of the request.</summary>
    private bool HasCrossed(bool isReset) =>
        _hasAnswered && _isAsked
        && _asked is { } before && ConnectionState.Read(socket) is { } now
        && now.BytesAcknowledged == before.BytesAcknowledged
        // A reset may also be the endpoint's answer to what it read, and then acknowledges nothing and comes alone.
        && (!isReset || now.SegmentsReceived - before.SegmentsReceived >= SegmentsOfCrossing);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>A connection from an earlier request ended before anything of this one's answer came.</summary>
internal sealed class StaleConnectionException(Exception? inner) : IOException("The endpoint closed a connection that was kept from an earlier request.", inner);
