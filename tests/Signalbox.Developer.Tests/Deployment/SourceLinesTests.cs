using Signalbox.Developer.Deployment;

namespace Signalbox.Developer.Tests.Deployment;

public sealed class SourceLinesTests
{
    [Theory]
    [InlineData("at main (/action/lib/a.js:2:9)", "at main (/app/lib/a.js:2:9)")]
    [InlineData("file:///action/lib/a.js:3", "/app/lib/a.js:3")]
    [InlineData("'/action/lib/a.js', /action/other.js:1", "'/app/lib/a.js', /action/other.js:1")]
    [InlineData("no file", "no file")]
    public void A_place_in_the_sandbox_becomes_the_place_in_the_users_own_file(string text, string expected) =>
        Assert.Equal(expected, SourceLines.Locate(text, new Dictionary<string, string> { ["lib/a.js"] = "/app/lib/a.js" }));
}
