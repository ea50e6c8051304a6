using System.Security.Cryptography;
using System.Text;

namespace Signalbox.Sandbox.Code;

/// <summary>
/// What launchers made of source text, by its owner and the text's hash, so that a text is compiled once. It comes out
/// of a process that ran nothing but this text, and may be forged by what the text did there; so it is for the owner alone.
/// </summary>
internal sealed class CompiledSources
{
    private const int EntryBytesMax = 4 * 1024 * 1024;
    private const int BytesMax = 32 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _byHash = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = [];
    private int _bytes;

    /// <summary>What was compiled of the action's text before; empty: nothing is kept.</summary>
    public ReadOnlyMemory<byte> Find(string family, SandboxedAction action)
    {
        var hash = Hash(family, action);
        lock (_gate)
        {
            return _byHash.GetValueOrDefault(hash);
        }
    }

    public void Keep(string family, SandboxedAction action, ReadOnlyMemory<byte> compiled)
    {
        if (compiled.Length is 0 or > EntryBytesMax)
        {
            return;
        }

        var hash = Hash(family, action);
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

    private static string Hash(string family, SandboxedAction action) =>
        $"{family}/{action.Owner}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(action.Code)))}";
}
