namespace Signalbox.Server.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("signalbox-data-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Is_held_by_one_server_at_a_time()
    {
        var path = Path.Combine(_root, "data");
        using (DataDirectory.Open(path))
        {
            var refusal = Assert.Throws<SettingsException>(() => DataDirectory.Open(path));
            Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
            Assert.StartsWith("Another Signalbox runs", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("--data", refusal.Message, StringComparison.Ordinal);
        }

        DataDirectory.Open(path).Dispose();
    }

    [Fact]
    public void Says_what_else_is_wrong_with_a_path_that_nobody_holds()
    {
        var loop = Path.Combine(_root, "lock");
        File.CreateSymbolicLink(loop, loop);

        var refusal = Assert.Throws<SettingsException>(() => DataDirectory.Open(_root));

        Assert.StartsWith($"The data directory '{_root}' cannot be used: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Another Signalbox", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_its_server_the_same_after_each_start()
    {
        var names = new List<string>();
        foreach (var folder in (string[])["one", "one", "other"])
        {
            using var data = DataDirectory.Open(Path.Combine(_root, folder));
            names.Add(data.NodeName);
        }

        Assert.Equal(names[0], names[1]);
        Assert.NotEqual(names[0], names[2]);
    }

    [Fact]
    public async Task Writes_files_that_only_this_user_can_read()
    {
        using var data = DataDirectory.Open(Path.Combine(_root, "private"));

        await data.WritePrivateFileAsync("console.json", "{}", TestContext.Current.CancellationToken);

        var path = Path.Combine(data.FullPath, "console.json");
        Assert.Equal("{}", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data.FullPath));
    }

    [Fact]
    public void Says_what_is_wrong_with_a_path_that_cannot_be_used()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "in the way");

        var refusal = Assert.Throws<SettingsException>(() => DataDirectory.Open(Path.Combine(file, "data")));

        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
    }
}
