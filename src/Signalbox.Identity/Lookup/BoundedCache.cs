using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Signalbox.Identity.Lookup;

/// <summary>
/// A concurrent map of bounded size: two generations of half the size each. A full young generation becomes the old
/// one, and the old one is forgotten; what is read moves to the young one. So what is used stays, and no reader locks.
/// </summary>
/// <remarks>
/// A value that was read from the database before a write, and arrives after it, must not be kept: <see cref="Version"/>
/// is taken before reading, and <see cref="Add"/> keeps nothing when a <see cref="Clear"/> came in between.
/// </remarks>
internal sealed class BoundedCache<TKey, TValue>(int entriesMax)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _gate = new();
    private readonly int _generationMax = Math.Max(1, entriesMax / 2);
    private ConcurrentDictionary<TKey, TValue> _young = new();
    private ConcurrentDictionary<TKey, TValue> _old = new();
    private int _youngCount;
    private long _version;

    public long Version => Volatile.Read(ref _version);

    public bool TryGet(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        if (_young.TryGetValue(key, out value))
        {
            return true;
        }

        var version = Version;
        if (!_old.TryGetValue(key, out value))
        {
            return false;
        }

        Add(key, value, version);
        return true;
    }

    /// <summary>Keeps the value, unless <see cref="Clear"/> was called since the version was taken.</summary>
    public void Add(TKey key, TValue value, long version)
    {
        lock (_gate)
        {
            if (version != _version)
            {
                return;
            }

            if (_youngCount >= _generationMax)
            {
                _old = _young;
                _young = new ConcurrentDictionary<TKey, TValue>();
                _youngCount = 0;
            }

            if (_young.TryAdd(key, value))
            {
                _youngCount++;
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _version++;
            _young = new ConcurrentDictionary<TKey, TValue>();
            _old = new ConcurrentDictionary<TKey, TValue>();
            _youngCount = 0;
        }
    }
}
