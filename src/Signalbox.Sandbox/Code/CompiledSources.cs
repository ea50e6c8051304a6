using System.Security.Cryptography;
using System.Text;

namespace Signalbox.Sandbox.Code;

/// <summary>
/// What launchers made of source text, by the text's hash, so that a text is compiled once. It comes out of a process
/// that ran nothing but this text, so it can harm nobody who did not send the same text.
/// </summary>
internal sealed class CompiledSources
{
    private const int EntryBytesMax = 4 * 1024 * 1024;
    private const int BytesMax = 32 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _byHash = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = [];
    private int _bytes;

    /// <summary>What was compiled of the text before; empty: nothing is kept.</summary>
    public ReadOnlyMemory<byte> Find(string kind, string code)
    {
        lock (_gate)
        {
            return _byHash.GetValueOrDefault(Hash(kind, code));
        }
    }

    public void Keep(string kind, string code, ReadOnlyMemory<byte> compiled)
    {
        if (compiled.Length is 0 or > EntryBytesMax)
        {
            return;
        }

        var hash = Hash(kind, code);
        lock (_gate)
        {
            if (!_byHash.TryAdd(hash, compiled))
            {
                return;
            }

            _byAge.Enqueue(hash);
            _bytes += compiled.Length;
            while (_bytes > BytesMax && _byHash.Remove(_byAge.Dequeue(), out var oldest))
            {
                _bytes -= oldest.Length;
            }
        }
    }

    private static string Hash(string kind, string code) =>
        kind + "/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
