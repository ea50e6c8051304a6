namespace Signalbox.Events;

/// <summary>Keys in the order of time, unique among nodes: milliseconds, then 20 random bits; always rising within the process.</summary>
internal sealed class TimeOrderedKeys(TimeProvider clock)
{
    private const int RandomBits = 20;

    private long _last;

    /// <summary>No key of that time or later is smaller. Times before 1970 are that year's first, those after 2248 the last that there is.</summary>
    public static long FirstOf(DateTimeOffset at) =>
        Math.Clamp(at.ToUnixTimeMilliseconds(), 0, long.MaxValue >> RandomBits) << RandomBits;

    public long Next()
    {
        var fresh = FirstOf(clock.GetUtcNow()) | (uint)Random.Shared.Next(1 << RandomBits);
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(fresh, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }
}
