using System.IO.Compression;
using System.Text.Json.Nodes;
using Signalbox.Developer.Manifest;
using Signalbox.Developer.Packing;

namespace Signalbox.Developer.Tests.Packing;

public sealed class ActionPackerTests : IDisposable
{
    private readonly AppFolder _app = new();

    [Fact]
    public void A_file_that_needs_nothing_travels_as_text()
    {
        var code = ActionPacker.Pack(Action(_app.Write("a.js", "const fs = require('node:fs'); function main() {}")));

        Assert.False(code.IsBinary);
        Assert.StartsWith("const fs", code.Code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.js", "nodejs:20", "index.js")]
    [InlineData("a.py", "python:3", "__main__.py")]
    [InlineData("a.cs", "dotnet:10", "Action.cs")]
    public void A_text_is_known_by_the_name_that_the_sandbox_gives_it(string file, string kind, string name)
    {
        var path = _app.Write(file, "text");

        var code = ActionPacker.Pack(Action(path) with { Kind = kind });

        Assert.Equal(path, Assert.Single(code.Sources, source => source.Key == name).Value);
    }

    [Fact]
    public void A_file_brings_what_it_requires_and_installed_packages_with_their_own()
    {
        _app.Write("lib/util.js", "require('./deep')");
        _app.Write("lib/deep.js", "");
        _app.Write("lib/unused.js", "");
        _app.Write("node_modules/one/package.json", """{"dependencies":{"two":"1"}}""");
        _app.Write("node_modules/two/index.js", "");
        _app.Write("node_modules/three/index.js", "");

        var names = Names(ActionPacker.Pack(Action(_app.Write("actions/a.js", "const u = require('../lib/util'); require(\"one/sub\"); require('fs')"))));

        Assert.Equal(["actions/a.js", "lib/deep.js", "lib/util.js", "node_modules/one/package.json", "node_modules/two/index.js", "package.json"], names);
    }

    [Fact]
    public void The_same_files_give_the_same_bytes_and_another_content_gives_others()
    {
        _app.Write("folder/index.js", "exports.main = () => 1");
        var first = ActionPacker.Pack(Action(Path.Combine(_app.Root, "folder")));
        File.SetLastWriteTimeUtc(Path.Combine(_app.Root, "folder/index.js"), DateTime.UnixEpoch.AddYears(20));
        var same = ActionPacker.Pack(Action(Path.Combine(_app.Root, "folder")));
        _app.Write("folder/index.js", "exports.main = () => 2");
        var other = ActionPacker.Pack(Action(Path.Combine(_app.Root, "folder")));

        Assert.Equal(first.Code, same.Code);
        Assert.NotEqual(first.Code, other.Code);
    }

    [Fact]
    public void An_es_module_is_marked_as_one()
    {
        using var archive = Open(ActionPacker.Pack(Action(_app.Write("a.js", "import path from 'node:path'\nexport function main () {}"))));
        using var reader = new StreamReader(archive.GetEntry("package.json")!.Open());

        Assert.Equal("module", (string?)JsonNode.Parse(reader.ReadToEnd())!["type"]);
    }

    [Fact]
    public void Included_files_go_where_the_manifest_says()
    {
        _app.Write("data/deep/x.txt", "x");
        _app.Write("data/y.json", "{}");

        var names = Names(ActionPacker.Pack(Action(_app.Write("a.js", "")) with { Includes = [(Path.Combine(_app.Root, "data/**/*.txt"), "static/")] }));

        Assert.Contains("static/x.txt", names);
        Assert.DoesNotContain(names, name => name.EndsWith("y.json", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nowhere.js", "does not exist")]
    [InlineData("typed.ts", "TypeScript")]
    [InlineData("empty", "neither package.json nor index.js")]
    public void Code_that_cannot_be_deployed_is_refused_with_the_reason(string function, string expected)
    {
        _app.Write("typed.ts", "");
        _app.Write("empty/readme.md", "");

        var refusal = Assert.Throws<DeveloperException>(() => ActionPacker.Pack(Action(Path.Combine(_app.Root, function))));

        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _app.Dispose();

    private static ManifestAction Action(string function) => new("a", function, "nodejs:default", null, [], [], null, []);

    private static ZipArchive Open(ActionCode code) => new(new MemoryStream(Convert.FromBase64String(code.Code)));

    private static string[] Names(ActionCode code)
    {
        using var archive = Open(code);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }
}
