using System.IO.Compression;

namespace Signalbox.Events.Egress;

/// <summary>Undoes the <c>content-encoding</c> of a response. Pure.</summary>
internal static class ContentCoding
{
    /// <summary>In the low half of the first byte of a zlib header: deflate.</summary>
    private const int ZlibMethod = 8;

    /// <summary>Whether a coding is one that can be undone.</summary>
    public static bool IsKnown(string coding) => coding.ToLowerInvariant() is "deflate" or "gzip" or "x-gzip";

    /// <summary>The beginning of what was encoded; what came, when it is not what the coding says.</summary>
    /// <param name="coding">One that is known.</param>
    /// <param name="encoded">What came, or its beginning.</param>
    /// <param name="bytesMax">Of the result: what a few bytes can grow to is never made.</param>
    public static ReadOnlyMemory<byte> Decode(string coding, byte[] encoded, int bytesMax)
    {
        using var source = new MemoryStream(encoded);
        using Stream decoder = !coding.Equals("deflate", StringComparison.OrdinalIgnoreCase) ? new GZipStream(source, CompressionMode.Decompress)
            : IsZlib(encoded) ? new ZLibStream(source, CompressionMode.Decompress)
            : new DeflateStream(source, CompressionMode.Decompress);
        try
        {
            var decoded = new byte[bytesMax];
            return decoded.AsMemory(0, decoder.ReadAtLeast(decoded, bytesMax, throwOnEndOfStream: false));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            // The latter is zlib's own complaint, such as of a dictionary that only the endpoint has.
            return encoded.AsMemory(0, Math.Min(encoded.Length, bytesMax));
        }
    }

    /// <summary>"deflate" means the zlib format (RFC 9110, section 8.4.1.2), but some servers send the bare one.</summary>
    private static bool IsZlib(ReadOnlySpan<byte> encoded) =>
        encoded is [var method, var check, ..] && (method & 0xF) == ZlibMethod && ((method << 8) | check) % 31 == 0;
}
