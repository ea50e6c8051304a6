namespace Signalbox.Sandbox.Tests.Kinds;

/// <summary>Node.js in several versions, and what comes with it.</summary>
public sealed class NodejsKindTests : IClassFixture<SharedPool>
{
    private readonly TestPool _pool;

    public NodejsKindTests(SharedPool shared)
    {
        _pool = shared.Pool;
    }

    [Fact]
    public async Task A_version_that_the_machine_lacks_is_fetched_when_it_is_first_used()
    {
        var outcome = await _pool.RunAsync(TestPool.Action("function main() { return { major: process.version.split('.')[0] } }") with { Kind = "nodejs:22" });
        Assert.Equal("""{"major":"v22"}""", outcome.Answer());
    }

    [Fact]
    public async Task Every_supported_version_is_known_and_the_old_one_is_deprecated()
    {
        await using var pool = new TestPool();
        var kinds = pool.Pool.Kinds.Where(kind => kind.Family == "nodejs").ToDictionary(kind => kind.Name);
        Assert.Equal(["nodejs:18", "nodejs:20", "nodejs:22", "nodejs:24", "nodejs:26"], kinds.Keys.Order());
        Assert.All(kinds.Values, kind => Assert.Equal(kind.Name == "nodejs:18", kind.IsDeprecated));
        Assert.Single(kinds.Values, kind => kind.IsDefault);
    }

    [Theory]
    [InlineData("openwhisk")]
    [InlineData("express")]
    [InlineData("body-parser")]
    [InlineData("redis")]
    [InlineData("dnscache")]
    [InlineData("prom-client")]
    [InlineData("node-fetch")]
    public async Task Promised_modules_are_found_by_require_and_import(string module)
    {
        var outcome = await _pool.RunAsync($$"""
            const required = require('{{module}}');
            async function main() { return { required: typeof required, imported: typeof (await import('{{module}}')).default } }
            """);
        Assert.Contains("\"imported\":\"function\"", outcome.Answer().Replace("\"object\"", "\"function\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_actions_own_modules_come_first()
    {
        var outcome = await _pool.RunAsync(TestPool.Action(Archive.Zip(
            ("index.js", "exports.main = () => ({ own: require('express'), theirs: typeof require('openwhisk') })"),
            ("node_modules/express/index.js", "module.exports = 'mine'"))) with
        { IsBinary = true });
        Assert.Equal("""{"own":"mine","theirs":"function"}""", outcome.Answer());
    }

    [Theory]
    [InlineData("export function main(args) { return { esm: args.n } }")]
    [InlineData("export default function main(args) { return { esm: args.n } }")]
    [InlineData("import { EOL } from 'node:os';\nexport const main = async (args) => ({ esm: args.n })")]
    [InlineData("import ow from 'openwhisk';\nexport const main = (args) => ({ esm: typeof ow === 'function' ? args.n : 0 })")]
    public async Task A_source_file_may_be_an_ES_module(string code)
    {
        var outcome = await _pool.RunAsync(code, """{"n":1}""");
        Assert.Equal("""{"esm":1}""", outcome.Answer());
    }

    [Theory]
    [InlineData("function main() {\n  return {\n}\n}\n)", "/action/index.js:5")]
    [InlineData("function main() { return {} }\n\nrequire('no-such-module')", "/action/index.js:3:")]
    [InlineData("import a from 'node:os';\nexport function main() { return { }", "/action/index.mjs:2")]
    [InlineData("import a from 'no-such-module';\nexport function main() { return { } }", "/action/index.mjs:1")]
    [InlineData("exports.handler = () => ({})", "Action entrypoint 'main' is not a function.")]
    public async Task A_load_error_says_which_file_and_line_in_the_error_and_the_log(string code, string place)
    {
        var outcome = await _pool.RunAsync(code);
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.StartsWith("Initialization has failed due to: ", outcome.Message, StringComparison.Ordinal);
        Assert.Contains(place, outcome.Message, StringComparison.Ordinal);
        Assert.Contains(place, outcome.LogText(), StringComparison.Ordinal);
        Assert.DoesNotContain("/launcher/", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_main_is_told_with_what_the_file_offers()
    {
        var outcome = await _pool.RunAsync(TestPool.Action(Archive.Zip(("index.js", "exports.handler = () => ({})"))) with { IsBinary = true });
        Assert.Contains("/action/index.js exports handler", outcome.LogText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stack_traces_point_at_the_lines_before_bundling(bool inArchive)
    {
        // Line 1 of the bundle maps to line 3 of src/app.ts, line 2 to line 7.
        const string Map = """{"version":3,"sources":["src/app.ts"],"names":[],"mappings":"AAEA;AAIA"}""";
        var bundle = "exports.main = () => {\nthrow new Error('mapped') }\n//# sourceMappingURL=data:application/json;base64,"
            + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Map));
        var action = inArchive ? TestPool.Action(Archive.Zip(("index.js", bundle))) with { IsBinary = true } : TestPool.Action(bundle);
        var outcome = await _pool.RunAsync(action);
        Assert.Equal("An error has occurred: Error: mapped", outcome.Message);
        Assert.Contains("src/app.ts:7:", outcome.LogText(), StringComparison.Ordinal);
    }
}
