namespace Signalbox.Sandbox.Code;

/// <summary>
/// The bytes of a tar file, for a reader that takes an extended header's own word for its size and reads it at once:
/// what asks for more than such headers hold is a bomb.
/// </summary>
internal sealed class TarInput(Stream plain) : Stream
{
    /// <summary>A path and a few attributes take some hundred bytes.</summary>
    private const int ReadBytesMax = 1024 * 1024;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer) => buffer.Length <= ReadBytesMax
        ? plain.Read(buffer)
        : throw new ArchiveException($"one of its headers says that it is {buffer.Length} bytes long");

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
