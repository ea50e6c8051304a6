using System.Text;
using System.Text.Json.Nodes;
using Signalbox.Developer.Inspect;

namespace Signalbox.Developer.Tests.Inspect;

public sealed class ScriptNamesTests
{
    private readonly ScriptNames _names = new("/action", new Dictionary<string, string>
    {
        ["index.js"] = "/home/ada/my app/hello.js",
        ["lib/util.js"] = "/home/ada/my app/lib/util.js",
    });

    [Fact]
    public void A_script_of_the_sandbox_is_shown_as_the_users_file_without_a_hash()
    {
        var shown = ToEditor("""{"method":"Debugger.scriptParsed","params":{"url":"file:///action/index.js","hash":"ab12"}}""");

        Assert.Equal("file:///home/ada/my%20app/hello.js", (string?)shown["params"]!["url"]);
        Assert.Equal("", (string?)shown["params"]!["hash"]);
    }

    [Fact]
    public void The_frames_of_a_pause_are_renamed_too()
    {
        var shown = ToEditor("""{"params":{"callFrames":[{"url":"file:///action/lib/util.js"},{"url":"node:internal"},{"url":"file:///action/other.js"}]}}""");

        Assert.Equal(
            ["file:///home/ada/my%20app/lib/util.js", "node:internal", "file:///action/other.js"],
            shown["params"]!["callFrames"]!.AsArray().Select(frame => (string)frame!["url"]!));
    }

    [Theory]
    [InlineData("""{"url":"file:///home/ada/my%20app/lib/util.js","lineNumber":3}""")]
    [InlineData("""{"urlRegex":"file:\\/\\/\\/home\\/ada\\/my%20app\\/lib\\/util\\.js($|\\?)|\\/nothing","lineNumber":3}""")]
    public void A_breakpoint_in_the_users_file_is_set_in_the_sandbox(string parameters)
    {
        var sent = ToProcess($$"""{"id":1,"method":"Debugger.setBreakpointByUrl","params":{{parameters}}}""")["params"]!;

        Assert.Equal("file:///action/lib/util.js", (string?)sent["url"]);
        Assert.Null(sent["urlRegex"]);
        Assert.Equal(3, (int?)sent["lineNumber"]);
    }

    [Theory]
    [InlineData("""{"id":1,"params":{"urlRegex":"other\\.js$"}}""")]
    [InlineData("""{"id":1,"params":{"urlRegex":"(unclosed"}}""")]
    [InlineData("""{"id":1,"params":{"url":"file:///elsewhere.js"}}""")]
    [InlineData("""{"id":1,"method":"Debugger.resume"}""")]
    [InlineData("""not JSON "url" """)]
    public void What_names_none_of_the_users_files_stays_as_it_is(string message) =>
        Assert.Equal(message, Encoding.UTF8.GetString(_names.ToProcess(Encoding.UTF8.GetBytes(message)).Span));

    private JsonNode ToEditor(string message) => JsonNode.Parse(_names.ToEditor(Encoding.UTF8.GetBytes(message)).Span)!;

    private JsonNode ToProcess(string message) => JsonNode.Parse(_names.ToProcess(Encoding.UTF8.GetBytes(message)).Span)!;
}
