using System.CommandLine;
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

    [Theory]
    [InlineData("--al", "dead-letters", "purge", "mine", "--al")]
    [InlineData("-x", "dead-letters", "redrive", "mine", "-x")]
    [InlineData("--jsn", "trace", "--jsn")]
    [InlineData("--wach", "events", "replay", "list", "--wach")]
    public void An_option_that_there_is_not_is_refused_and_not_taken_for_an_id(string option, params string[] arguments)
    {
        var root = new RootCommand();
        foreach (var command in DeveloperCommands.Create("nowhere"))
        {
            root.Add(command);
        }

        Assert.Equal([$"There is no option '{option}' here. --help names those there are."], root.Parse(arguments).Errors.Select(refusal => refusal.Message));
    }

    [Theory]
    [InlineData("", "1 of 5 shown. The next: --older-than 5")]
    [InlineData("--reason=internal", "1 of 3 shown. The next: --older-than 5")]
    [InlineData("--from=2026-01-01", "1 shown. The next: --older-than 5")]
    public async Task A_page_has_a_header_and_says_how_many_there_are_and_how_to_go_on(string filter, string told)
    {
        using var api = new EventsApiDouble();
        api.Answer("GET", "/dead-letters",
            """
            {"_embedded":{"dead_letters":[{"id":"5","date":"2026-01-01T00:00:00.000Z","reason":"internal","fault":"signalbox","attempts":0,"event_id":"e","event_code":"a.b"}]},
             "_links":{"next":{"href":"/next"}},"counts":{"internal":3,"endpoint_rejected":2},"dropped":0}
            """);

        var (_, output) = await api.RunAsync(["dead-letters", "list", "mine", "--older-than", "9", "--limit", "1", .. filter.Length == 0 ? Array.Empty<string>() : [filter]]);

        var lines = output.Split(Environment.NewLine);
        Assert.Equal(["ID", "DIED", "REASON", "FAULT", "OF", "CODE", "ATTEMPTS", "EVENT", "EVENT", "CODE"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["5", "2026-01-01T00:00:00.000Z", "internal", "signalbox", "-", "0", "e", "a.b"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(told, lines[2]);
        Assert.EndsWith("&after=9", Assert.Single(api.Requests), StringComparison.Ordinal);
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
