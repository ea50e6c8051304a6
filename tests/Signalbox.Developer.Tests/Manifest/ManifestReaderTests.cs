using Signalbox.Developer.Manifest;

namespace Signalbox.Developer.Tests.Manifest;

public sealed class ManifestReaderTests : IDisposable
{
    private readonly AppFolder _app = new();

    [Fact]
    public void An_app_config_yields_packages_with_inputs_annotations_limits_and_sequences()
    {
        _app.Write(".env", "export KEY='from file' # why\n");
        _app.Write("package.json", """{"name":"shop","version":"1.2.3"}""");
        _app.Write("app.config.yaml", """
            application:
              runtimeManifest:
                packages:
                  __APP_PACKAGE__:
                    inputs: { level: 5, on: true, quoted: '5' }
                    actions:
                      hello:
                        function: actions/hello.js
                        runtime: nodejs:20
                        web: 'yes'
                        inputs: { key: "${KEY}-$KEY", gone: $NOT_SET_ANYWHERE, typed: string, described: { type: number, default: 7 } }
                        annotations: { final: true }
                        limits: { timeout: 5000, memorySize: 512 }
                      quiet: { function: actions/quiet.js }
                    sequences:
                      both: { actions: "hello, /other/pkg/act", web: raw }
                    triggers: { tick: { } }
            """);

        var manifest = ManifestReader.Read(_app.Root);

        var package = Assert.Single(manifest.Packages);
        Assert.Equal("shop-1.2.3", package.Name);
        Assert.Equal("""{"level":5,"on":true,"quoted":"5"}""", package.Inputs.ToJsonString());
        var hello = package.Actions[0];
        Assert.Equal(Path.Combine(_app.Root, "actions", "hello.js"), hello.Function);
        Assert.Equal("nodejs:20", hello.Kind);
        Assert.Equal("""{"key":"from file-from file","gone":"","typed":"","described":7}""", hello.Inputs.ToJsonString());
        Assert.Equal("""{"final":true,"web-export":true,"raw-http":false}""", hello.Annotations.ToJsonString());
        Assert.Equal("""{"timeout":5000,"memory":512}""", hello.Limits!.ToJsonString());
        Assert.Equal("""{"web-export":false,"raw-http":false}""", package.Actions[1].Annotations.ToJsonString());
        var both = Assert.Single(package.Sequences);
        Assert.Equal(["shop-1.2.3/hello", "/other/pkg/act"], both.Components);
        Assert.Equal("""{"web-export":true,"raw-http":true}""", both.Annotations.ToJsonString());
        Assert.Contains(manifest.NotBuilt, note => note.Contains("shop-1.2.3/tick", StringComparison.Ordinal));
        Assert.Contains(manifest.NotBuilt, note => note.Contains("$NOT_SET_ANYWHERE", StringComparison.Ordinal));
    }

    [Fact]
    public void Extensions_are_included_and_their_paths_are_relative_to_their_own_file()
    {
        _app.Write("app.config.yaml", "extensions:\n  dx/one:\n    $include: src/one/ext.config.yaml\n");
        _app.Write("src/one/ext.config.yaml", "runtimeManifest:\n  packages:\n    one:\n      actions:\n        a: { function: actions/a.js, include: [['data/*.txt', static/]] }\n");

        var action = ManifestReader.Read(_app.Root).Packages.Single().Actions.Single();

        Assert.Equal(Path.Combine(_app.Root, "src/one/actions/a.js"), action.Function);
        Assert.Equal((Path.Combine(_app.Root, "src/one/data/*.txt"), "static/"), Assert.Single(action.Includes));
    }

    [Fact]
    public void An_openwhisk_manifest_is_read_and_anchors_are_merged()
    {
        _app.Write("manifest.yml", "common: &common { web: true, runtime: 'nodejs:20' }\npackages:\n  default:\n    actions:\n      a: { <<: *common, function: a.js, runtime: 'nodejs:22' }\n");

        var action = ManifestReader.Read(_app.Root).Packages.Single().Actions.Single();

        Assert.Equal("nodejs:22", action.Kind);
        Assert.True((bool)action.Annotations["web-export"]!);
    }

    [Theory]
    [InlineData("packages: [", "manifest.yml(")]
    [InlineData("packages: {}", "names no packages")]
    [InlineData("just a text", "not a mapping")]
    [InlineData("packages: { p: { actions: { a: { web: true } } } }", "p/a has no 'function'")]
    [InlineData("packages: { p: { actions: { a: { function: a.js, limits: { tiemout: 1 } } } } }", "tiemout")]
    [InlineData("packages: { p: { actions: { a: { function: a.js, limits: { timeout: soon } } } } }", "timeout")]
    [InlineData("packages: { p: { sequences: { s: { } } } }", "p/s names no actions")]
    [InlineData("x: { $include: nowhere.yml }", "nowhere.yml")]
    [InlineData("x: { $include: manifest.yml }", "include itself")]
    public void A_manifest_that_cannot_be_used_is_refused_with_the_place(string content, string expected)
    {
        _app.Write("manifest.yml", content);

        var refusal = Assert.Throws<DeveloperException>(() => ManifestReader.Read(_app.Root));

        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packages:\n  p:\n    actions:\n      a:\n        web: true\n", "manifest.yml(4,7): action p/a has no 'function'")]
    [InlineData("packages:\n  p:\n    actions:\n      a:\n", "manifest.yml(4,7): action p/a has no 'function'")]
    [InlineData("packages:\n  p:\n    actions:\n      a:\n        function: a.js\n        limits:\n          memory: 256\n          timeout: soon\n", "manifest.yml(8,11): limit timeout")]
    [InlineData("packages:\n  p:\n    actions:\n      a:\n        function: a.js\n        limits: { tiemout: 1 }\n", "manifest.yml(6,19): action p/a has no limit 'tiemout'")]
    [InlineData("packages:\n  p:\n    actions:\n      a:\n        function: a.js\n        include:\n          - data\n", "manifest.yml(6,9): 'include'")]
    [InlineData("packages:\n  p:\n    sequences:\n      s:\n", "manifest.yml(4,7): sequence p/s")]
    [InlineData("x:\n  $include: nowhere.yml\n", "manifest.yml(2,3): $include names")]
    public void A_fault_is_told_with_its_line_and_column(string content, string expected)
    {
        _app.Write("manifest.yml", content);

        var refusal = Assert.Throws<DeveloperException>(() => ManifestReader.Read(_app.Root));

        Assert.StartsWith(Path.Combine(_app.Root, expected), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_in_an_included_file_is_told_with_that_file()
    {
        _app.Write("app.config.yaml", "extensions:\n  dx/one:\n    $include: src/ext.config.yaml\n");
        _app.Write("src/ext.config.yaml", "runtimeManifest:\n  packages:\n    one:\n      actions:\n        a: { web: true }\n");

        var refusal = Assert.Throws<DeveloperException>(() => ManifestReader.Read(_app.Root));

        Assert.StartsWith(Path.Combine(_app.Root, "src/ext.config.yaml(5,9): action one/a"), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_manifest_is_told_which_names_are_looked_for()
    {
        var refusal = Assert.Throws<DeveloperException>(() => ManifestReader.Read(_app.Root));

        Assert.Contains("app.config.yaml", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _app.Dispose();
}
