using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Tests.Kinds;

/// <summary>What stays in the cache of interpreters, and what goes.</summary>
public sealed class RuntimeCacheTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sbxcache").FullName;
    private readonly KindFolder _nodejs = KindFolder.All.First(folder => folder.Name == "nodejs");

    [Fact]
    public void The_newest_version_of_each_kind_stays_and_older_ones_go()
    {
        using var cache = Cache();
        Install("22.9.1", "22.10.0", "22.2.0", "24.1.0");

        cache.RemoveSuperseded(_nodejs);

        Assert.Equal(["22.10.0", "24.1.0"], Installed());
    }

    [Fact]
    public void What_belongs_to_no_kind_goes()
    {
        using var cache = Cache();
        Install("18.20.0", "23.0.0", "22.1.0", "modules-0123456789abcdef");

        cache.RemoveSuperseded(_nodejs);

        Assert.Equal(["22.1.0"], Installed());
    }

    [Fact]
    public void What_a_server_uses_stays_until_it_ends()
    {
        using var cleaner = Cache();
        Install("22.1.0", "22.2.0");
        using (var server = Cache())
        {
            server.Hold(Path.Combine(_root, "nodejs", "22.1.0", "bin", "node"));
            cleaner.RemoveSuperseded(_nodejs);
            Assert.Equal(["22.1.0", "22.2.0"], Installed());
        }

        cleaner.RemoveSuperseded(_nodejs);
        Assert.Equal(["22.2.0"], Installed());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_root, "nodejs")));
    }

    [Fact]
    public void A_fetch_that_broke_off_long_ago_goes_and_one_that_is_under_way_stays()
    {
        using var cache = Cache();
        Install(".old.partial", ".new.partial");
        Directory.SetLastWriteTimeUtc(Path.Combine(_root, "nodejs", ".old.partial"), DateTime.UtcNow.AddDays(-2));

        cache.RemoveSuperseded(_nodejs);

        Assert.Equal([".new.partial"], Installed());
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private RuntimeCache Cache() => new(_root, new NpmClient(TimeSpan.FromSeconds(1)));

    private void Install(params string[] names)
    {
        foreach (var name in names)
        {
            var bin = Directory.CreateDirectory(Path.Combine(_root, "nodejs", name, "bin")).FullName;
            File.WriteAllText(Path.Combine(bin, "node"), "");
        }
    }

    private string[] Installed() => [.. Directory.EnumerateDirectories(Path.Combine(_root, "nodejs")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
