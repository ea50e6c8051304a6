using Signalbox.Identity.Lookup;

namespace Signalbox.Identity.Tests;

public sealed class BoundedCacheTests
{
    [Fact]
    public void Never_holds_more_than_its_bound_and_keeps_what_is_used()
    {
        var cache = new BoundedCache<int, string>(100);
        cache.Add(-1, "used", cache.Version);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Add(i, "x", cache.Version);
            Assert.True(cache.TryGet(-1, out _));
        }

        Assert.InRange(Enumerable.Range(0, 10_000).Count(i => cache.TryGet(i, out _)), 1, 100);
    }

    [Fact]
    public void Keeps_nothing_that_was_read_before_it_was_cleared()
    {
        var cache = new BoundedCache<int, string>(100);
        var beforeWrite = cache.Version;
        cache.Clear();

        cache.Add(1, "stale", beforeWrite);

        Assert.False(cache.TryGet(1, out _));
    }
}
