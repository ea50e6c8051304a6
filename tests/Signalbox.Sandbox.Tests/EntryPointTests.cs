namespace Signalbox.Sandbox.Tests;

/// <summary>How code offers its entry point (OpenWhisk behaviour, section 6.3).</summary>
public sealed class EntryPointTests : IClassFixture<SharedPool>
{
    private readonly TestPool _pool;

    public EntryPointTests(SharedPool shared)
    {
        _pool = shared.Pool;
    }

    [Theory]
    [InlineData("function main(args) { return { hello: args.name } }")]
    [InlineData("const main = (args) => ({ hello: args.name })")]
    [InlineData("const main = async (args) => ({ hello: args.name })")]
    [InlineData("global.main = function (args) { return { hello: args.name } }")]
    [InlineData("exports.main = (args) => ({ hello: args.name })")]
    [InlineData("module.exports.main = (args) => ({ hello: args.name })")]
    [InlineData("module.exports = { main(args) { return { hello: args.name } } }")]
    [InlineData("'use strict'; function main(args) { return { hello: args.name } } // a comment that ends the file")]
    public async Task Source_text_may_offer_main_in_many_ways(string code)
    {
        var outcome = await _pool.RunAsync(code, """{"name":"Ada"}""");
        Assert.Equal("""{"hello":"Ada"}""", outcome.Answer());
    }

    [Theory]
    [InlineData("greet", "function greet() { return { ok: 1 } }")]
    [InlineData("api.greet", "const api = { greet() { return { ok: 1 } } }")]
    [InlineData("api.greet", "exports.api = { greet() { return { ok: 1 } } }")]
    public async Task Another_name_may_be_given(string main, string code)
    {
        var outcome = await _pool.RunAsync(TestPool.Action(code) with { Main = main });
        Assert.Equal("""{"ok":1}""", outcome.Answer());
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("process.exit()")]
    [InlineData("a;b")]
    public async Task A_name_that_is_no_function_is_refused(string main)
    {
        var outcome = await _pool.RunAsync(TestPool.Action("function main() { return {} }") with { Main = main });
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.Equal($"Initialization has failed due to: Action entrypoint '{main}' is not a function.", outcome.Message);
    }

    [Fact]
    public async Task Source_text_may_require_and_import_what_comes_with_nodejs()
    {
        var outcome = await _pool.RunAsync("""
            const path = require('path');
            async function main() { return { a: path.join('a', 'b'), b: (await import('node:os')).EOL, dir: __dirname } }
            """);
        Assert.Equal("""{"a":"a/b","b":"\n","dir":"/action"}""", outcome.Answer());
    }
}
