using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace Signalbox.WebConsole.Shell;

/// <summary>
/// Keeps readings in memory until the page's circuit calls for them; the page carries only a ticket. A ticket that is
/// not known any more gives no readings, and the page reads anew. Pages for which there is no memory are not kept.
/// </summary>
internal sealed class PageReadingsDesk : PersistentComponentStateSerializer<PageReadings>, IDisposable
{
    internal const long BytesMax = 64 << 20;

    // A browser comes back within a second or not at all.
    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(30);

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = BytesMax });

    /// <summary>Pages whose readings are kept.</summary>
    internal int Count => _kept.Count;

    public override void Persist(PageReadings value, IBufferWriter<byte> writer)
    {
        var ticket = RandomNumberGenerator.GetHexString(32);
        // By a token too: without visitors the cache does not look for what has expired.
        var end = new CancellationTokenSource(_lifetime);
        var options = new MemoryCacheEntryOptions { Size = value.Bytes, AbsoluteExpirationRelativeToNow = _lifetime };
        options.AddExpirationToken(new CancellationChangeToken(end.Token));
        options.RegisterPostEvictionCallback((_, _, _, _) => end.Dispose());
        _kept.Set(ticket, value, options);
        Encoding.ASCII.GetBytes(ticket, writer);
    }

    public override PageReadings Restore(ReadOnlySequence<byte> data)
    {
        var ticket = Encoding.ASCII.GetString(data);
        var readings = _kept.Get<PageReadings>(ticket);
        _kept.Remove(ticket);
        return readings ?? new PageReadings();
    }

    public void Dispose() => _kept.Dispose();
}
