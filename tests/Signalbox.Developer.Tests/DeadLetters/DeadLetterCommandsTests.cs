using System.Text.Json;
using Signalbox.Developer.DeadLetters;

namespace Signalbox.Developer.Tests.DeadLetters;

[Collection(nameof(EventsApiDouble))]
public sealed class DeadLetterCommandsTests
{
    [Theory]
    [InlineData("""\ud800""", "\uFFFD"), InlineData("""x\uDBFFy\udc00""", "x\uFFFDy\uFFFD"), InlineData("""\ud800\ud83d\ude00""", "\uFFFD😀")]
    [InlineData("""\\ud800""", """\ud800"""), InlineData("""\ud7ff\n""", "\uD7FF\n")]
    public async Task An_event_with_half_of_a_surrogate_pair_is_shown(string data, string shown)
    {
        using var api = new EventsApiDouble();
        api.Answer("GET", "/dead-letters/5", $$$"""{"event":{"data":"{{{data}}}"}}""");

        var (exitCode, output) = await api.RunAsync("dead-letters", "show", "mine", "5");

        Assert.Equal(0, exitCode);
        Assert.Equal(shown, JsonElement.Parse(output).GetProperty("event").GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_server_behind_a_proxy_is_reached_where_it_listens()
    {
        using var api = new EventsApiDouble(isBehindProxy: true);
        api.Answer("GET", "/dead-letters", """{"_embedded":{"dead_letters":[]},"counts":{},"dropped":0}""");

        var (exitCode, output) = await api.RunAsync("dead-letters", "list", "mine");

        Assert.Equal((0, "No dead letters."), (exitCode, output.Trim()));
    }

    [Theory, InlineData("x"), InlineData("0"), InlineData("101"), InlineData("-1"), InlineData("1.5")]
    public void A_limit_that_is_none_is_refused_with_those_there_are(string limit)
    {
        var refusals = DeadLettersCommand.Create("nowhere").Parse(["list", "mine", "--limit", limit]).Errors;

        Assert.Equal([$"--limit: '{limit}' is not a number from 1 to 100."], refusals.Select(refusal => refusal.Message));
    }

    [Fact]
    public async Task An_event_of_64_levels_is_shown()
    {
        using var api = new EventsApiDouble();
        api.Answer("GET", "/dead-letters/5", $$$"""{"event":{"data":{{{new string('[', 63)}}}{{{new string(']', 63)}}}}}""");

        var (exitCode, output) = await api.RunAsync("dead-letters", "show", "mine", "5");

        Assert.Equal(0, exitCode);
        Assert.Equal(63, output.Count(c => c == '['));
    }
}
