using System.Security.Cryptography;

namespace Signalbox.Runtime.Edge;

/// <summary>Unguessable bytes in small portions: each thread draws many at a time, since every draw is a call to the kernel.</summary>
internal static class RandomBytes
{
    private const int DrawnAtOnce = 4096;

    [ThreadStatic]
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _left;

    /// <summary>Fills the span, at most 4,096 bytes. No byte is given out twice.</summary>
    public static void Fill(Span<byte> bytes)
    {
        var drawn = _drawn ??= new byte[DrawnAtOnce];
        if (_left < bytes.Length)
        {
            RandomNumberGenerator.Fill(drawn);
            _left = DrawnAtOnce;
        }

        _left -= bytes.Length;
        var portion = drawn.AsSpan(_left, bytes.Length);
        portion.CopyTo(bytes);
        portion.Clear();
    }
}
