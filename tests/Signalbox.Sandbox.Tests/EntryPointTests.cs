namespace Signalbox.Sandbox.Tests;

/// <summary>How code offers its entry point (OpenWhisk behaviour, section 6.3).</summary>
public sealed class EntryPointTests
{
    [Theory]
    [InlineData("function main(args) { return { hello: args.name } }")]
    [InlineData("const main = (args) => ({ hello: args.name })")]
    [InlineData("const main = async (args) => ({ hello: args.name })")]
    [InlineData("global.main = function (args) { return { hello: args.name } }")]
    [InlineData("exports.main = (args) => ({ hello: args.name })")]
    [InlineData("module.exports.main = (args) => ({ hello: args.name })")]
    [InlineData("module.exports = { main(args) { return { hello: args.name } } }")]
    [InlineData("'use strict'; class main { constructor(args) { } }; exports.x = 1; // a comment that ends the file", "'main'")]
    public async Task Source_text_may_offer_main_in_many_ways(string code, string? throws = null)
    {
        await using var pool = new TestPool();
        var outcome = await pool.RunAsync(code, """{"name":"Ada"}""");
        if (throws is null)
        {
            Assert.Equal("""{"hello":"Ada"}""", outcome.Answer());
        }
        else
        {
            Assert.Equal(SandboxStatus.RunFailed, outcome.Status);
        }
    }
}
