using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Signalbox.Sandbox.Tests;

/// <summary>Code in archives (OpenWhisk behaviour, section 6.3).</summary>
public sealed class ArchiveTests : IAsyncLifetime
{
    private const string Bad = "Initialization has failed due to: There was an error uncompressing the action archive";

    private readonly TestPool _pool = new(options => options with { ArchiveMbMax = 2, ArchiveEntriesMax = 100 });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Theory]
    [InlineData(null, "index.js", "exports.main = () => ({ from: 'index' })", "index")]
    [InlineData("main", "index.js", "exports.main = () => ({ from: 'index' })", "index")]
    [InlineData("run", "index.js", "exports.run = () => ({ from: 'run' })", "run")]
    [InlineData("handler.run", "handler.js", "exports.run = () => ({ from: 'handler' })", "handler")]
    [InlineData("obj.sub.run", "index.js", "exports.obj = { sub: { run: () => ({ from: 'obj' }) } }", "obj")]
    public async Task The_entry_point_names_a_function_a_file_or_a_path_of_objects(string? main, string file, string code, string from)
    {
        var outcome = await _pool.RunAsync(Zipped([(file, code)]) with { Main = main });
        Assert.Equal($$"""{"from":"{{from}}"}""", outcome.Answer());
    }

    [Fact]
    public async Task The_package_names_its_main_file_and_modules_find_each_other()
    {
        var outcome = await _pool.RunAsync(Zipped(
        [
            ("package.json", """{"main":"lib/app.js"}"""),
            ("lib/app.js", "const dep = require('dep'); exports.main = () => ({ dep, cwd: process.cwd(), text: require('fs').readFileSync('note.txt', 'utf8') })"),
            ("node_modules/dep/index.js", "module.exports = 'dep'"),
            ("note.txt", "hello"),
        ]));
        Assert.Equal("""{"dep":"dep","cwd":"/action","text":"hello"}""", outcome.Answer());
    }

    [Theory]
    [InlineData("export function main() { return { esm: true } }")]
    [InlineData("export default { main() { return { esm: true } } }")]
    [InlineData("await 0; export const main = async () => ({ esm: true })")]
    public async Task Es_modules_are_loaded(string code)
    {
        var outcome = await _pool.RunAsync(Zipped([("package.json", """{"type":"module","main":"index.js"}"""), ("index.js", code)]));
        Assert.Equal("""{"esm":true}""", outcome.Answer());
    }

    [Fact]
    public async Task A_tar_gz_is_code_as_well()
    {
        using var stream = new MemoryStream();
        await using (var gzip = new GZipStream(stream, CompressionMode.Compress, leaveOpen: true))
        await using (var tar = new TarWriter(gzip, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "./index.js")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes("exports.main = () => ({ tar: 1 })")),
            });
        }

        var outcome = await _pool.RunAsync(Binary(stream.ToArray()));
        Assert.Equal("""{"tar":1}""", outcome.Answer());
    }

    [Fact]
    public async Task An_archive_without_a_root_module_is_refused()
    {
        var outcome = await _pool.RunAsync(Zipped([("other.js", "exports.main = () => ({})")]));
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.Equal(
            "Initialization has failed due to: Zipped actions must contain either package.json or index.js at the root.", outcome.Message);
    }

    [Theory]
    [InlineData("../evil.js")]
    [InlineData("a/../../evil.js")]
    [InlineData("/tmp/evil-of-an-archive.js")]
    public async Task An_entry_that_leads_out_of_the_archive_is_refused(string name)
    {
        var outcome = await _pool.RunAsync(Zipped([("index.js", "exports.main = () => ({})"), (name, "x")]));
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.Equal($"{Bad}: its entry '{name}' leads out of the archive", outcome.Message);
        Assert.False(File.Exists("/tmp/evil-of-an-archive.js"));
        Assert.Empty(Directory.EnumerateFiles(_pool.WorkDirectory, "evil*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("a.js", "a.js", "its entry 'a.js' is there twice")]
    [InlineData("b/a.js", "b//a.js", "its entry 'b/a.js' is there twice")]
    [InlineData("b/a.js", "b", "its entry 'b' is there twice")]
    [InlineData("b", "b/", "its entry 'b' is there twice")]
    [InlineData("b", "b/c/a.js", "its entry 'b/c' lies below 'b', which is a file")]
    public async Task Entries_that_are_in_each_others_way_are_named(string first, string second, string reason)
    {
        var outcome = await _pool.RunAsync(Zipped([(first, ""), (second, "")]));
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.Equal($"{Bad}: {reason}", outcome.Message);
    }

    [Theory]
    [InlineData("{0}.js", 300), InlineData("{0}/a.js", 300), InlineData("ä{0}", 254)]
    public async Task A_name_that_no_file_can_have_is_named(string name, int length)
    {
        var outcome = await _pool.RunAsync(Zipped([(name.Replace("{0}", new string('x', length), StringComparison.Ordinal), "")]));
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.Matches($"^{Bad}: its entry '.*xxx.*' has a name that is too long; each part of it may be 255 bytes$", outcome.Message);
    }

    [Fact]
    public async Task A_symbolic_link_is_refused()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            var entry = zip.CreateEntry("index.js");
            entry.ExternalAttributes = unchecked((int)0xA1FF0000);
            await using var content = entry.Open();
            content.Write("/etc/passwd"u8);
        }

        var outcome = await _pool.RunAsync(Binary(stream.ToArray()));
        Assert.Equal($"{Bad}: its entry 'index.js' is a symbolic link; pack what it leads to instead (zip does so without -y)", outcome.Message);
    }

    [Fact]
    public async Task A_bomb_is_refused()
    {
        var large = await _pool.RunAsync(Zipped([("index.js", new string(' ', 3 * 1024 * 1024))]));
        Assert.Equal($"{Bad}: it unpacks to more than 2 MB", large.Message);
        var many = await _pool.RunAsync(Zipped([.. Enumerable.Range(0, 101).Select(i => ($"f{i}", "x"))]));
        Assert.Equal($"{Bad}: it holds more than 100 entries", many.Message);
    }

    /// <summary>The directory would be read to its end, and only then be found to be longer than it said.</summary>
    [Fact]
    public async Task A_directory_that_is_longer_than_it_claims_is_refused_before_it_is_read()
    {
        var action = Zipped([.. Enumerable.Range(0, 101).Select(i => ($"f{i}", "x"))]);
        var zip = Convert.FromBase64String(action.Code);
        var end = zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        zip.AsSpan(end + 8, 4).Clear();
        var outcome = await _pool.RunAsync(Binary(zip));
        Assert.Equal($"{Bad}: it holds more than 100 entries", outcome.Message);
    }

    /// <summary>A few hundred names of two kilobytes would make a million folders.</summary>
    [Fact]
    public async Task Folders_that_no_entry_lists_count_as_well()
    {
        var many = await _pool.RunAsync(Zipped([.. Enumerable.Range(0, 2).Select(i => ($"{i}/{string.Concat(Enumerable.Repeat("a/", 60))}f", "x"))]));
        Assert.Equal($"{Bad}: it holds more than 100 entries", many.Message);
        var deep = await _pool.RunAsync(Zipped([(string.Concat(Enumerable.Repeat("a/", 600)) + "f", "x")]));
        Assert.Equal($"{Bad}: its entry '{string.Concat(Enumerable.Repeat("a/", 20))}…' has a name of more than 1024 characters", deep.Message);
    }

    [Theory]
    [InlineData(1_000_000_000, "one of its headers says that it is 1000000000 bytes long")]
    [InlineData(0x1FFFFFFFFL, "it is damaged: ")]
    [InlineData(1500, "it is damaged: ")]
    public async Task A_tar_header_that_claims_to_be_huge_is_refused(long size, string reason)
    {
        var header = new byte[512];
        "x"u8.CopyTo(header);
        Encoding.ASCII.GetBytes($"0000644\00000000\00000000\0{Convert.ToString(size, 8).PadLeft(11, '0')}\000000000000\0        x").CopyTo(header, 100);
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        Encoding.ASCII.GetBytes($"{Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        using var stream = new MemoryStream();
        await using (var gzip = new GZipStream(stream, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(header);
            await gzip.WriteAsync(new byte[1024]);
        }

        var outcome = await _pool.RunAsync(Binary(stream.ToArray()));
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.StartsWith($"{Bad}: {reason}", outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bm90IGFuIGFyY2hpdmU=", "it is neither a zip nor a tar.gz file")]
    [InlineData("§§§", "it is not valid base64")]
    [InlineData("UEsDBAAAAAA=", "it is damaged")]
    public async Task What_is_no_archive_is_refused(string code, string reason)
    {
        var outcome = await _pool.RunAsync(TestPool.Action(code) with { IsBinary = true });
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.StartsWith($"{Bad}: {reason}", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_cannot_change_its_own_files()
    {
        var outcome = await _pool.RunAsync(Zipped(
        [
            ("index.js", "const fs = require('fs'); exports.main = () => { try { fs.appendFileSync(__filename, '//x'); return { wrote: true } } catch (e) { return { code: e.code } } }"),
        ]));
        // Another user's file under a root server, a read-only mount under any other.
        Assert.Contains(outcome.Answer(), new[] { """{"code":"EROFS"}""", """{"code":"EACCES"}""" });
    }

    [Fact]
    public async Task One_archive_serves_several_actions_and_processes()
    {
        var action = Zipped([("index.js", "exports.main = () => ({ ok: 1 })")]);
        Assert.Equal("""{"ok":1}""", (await _pool.RunAsync(action)).Answer());
        _pool.Pool.Retire(action.Id);
        Assert.Equal("""{"ok":1}""", (await _pool.RunAsync(action)).Answer());
        Assert.Equal("""{"ok":1}""", (await _pool.RunAsync(action with { Id = "another", Owner = "other" })).Answer());
        Assert.Single(Directory.GetDirectories(Path.Combine(_pool.WorkDirectory, "archives")));
    }

    private static SandboxedAction Zipped((string Name, string Text)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                using var content = zip.CreateEntry(name).Open();
                content.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return Binary(stream.ToArray());
    }

    private static SandboxedAction Binary(byte[] archive) =>
        TestPool.Action(Convert.ToBase64String(archive)) with { IsBinary = true };
}
