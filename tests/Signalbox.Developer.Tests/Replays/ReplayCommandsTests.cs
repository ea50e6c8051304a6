using System.CommandLine;
using Signalbox.Developer.Replays;

namespace Signalbox.Developer.Tests.Replays;

[Collection(nameof(EventsApiDouble))]
public sealed class ReplayCommandsTests
{
    [Fact]
    public async Task A_redrive_of_many_is_shown_as_a_replay_is()
    {
        using var api = new EventsApiDouble();
        api.Answer("POST", "/dead-letters/redrive", Replay("running", total: 3));
        api.Answer("POST", "/replays", Replay("running", total: 3));

        var redriven = await api.RunAsync("dead-letters", "redrive", "mine", "--reason", "internal");
        var replayed = await api.RunAsync("events", "replay", "mine", "--failed-since", "2026-01-01");

        Assert.Equal((0, "r1  running    dead letters of reason internal  0 of 3 delivered, 0 failed, 0 skipped, 0 under way" + Environment.NewLine), redriven);
        Assert.Equal(replayed, redriven);
        Assert.Equal(["POST /dead-letters/redrive?reason=internal", "POST /replays"], api.Requests);
    }

    [Fact]
    public async Task Where_nothing_is_meant_nothing_is_said_to_run()
    {
        using var api = new EventsApiDouble();
        api.Answer("POST", "/dead-letters/redrive", Replay("running", total: 0));

        Assert.Equal((0, "Nothing to deliver again." + Environment.NewLine), await api.RunAsync("dead-letters", "redrive", "mine", "--all"));
        Assert.Equal(["POST /dead-letters/redrive?all=true"], api.Requests);
    }

    [Theory]
    [InlineData("done", 0, 0)]
    [InlineData("done", 1, 1)]
    [InlineData("cancelled", 0, 1)]
    public async Task A_watched_replay_ends_with_1_when_it_was_cancelled_or_some_failed(string state, int failed, int exitCode)
    {
        using var api = new EventsApiDouble();
        api.Answer("POST", "/replays", Replay("running", total: 3));
        api.Answer("GET", "/replays/r1", Replay("running", total: 3), Replay(state, total: 3, failed, isEnded: true));

        var (code, output) = await api.RunAsync("events", "replay", "mine", "--from", "2026-01-01", "--watch");

        Assert.Equal((exitCode, 2), (code, output.Trim().Split('\n').Length));
    }

    [Theory]
    [InlineData("""{}""", "all dead letters")]
    [InlineData("""{"failed_since":"A","failed_before":"B","reason":"internal"}""", "dead letters of reason internal since A before B")]
    [InlineData("""{"event_id":"7"}""", "event 7")]
    [InlineData("""{"from":"A","to":"B"}""", "events from A to B")]
    public async Task What_a_replay_delivers_is_said_in_words(string asked, string words)
    {
        using var api = new EventsApiDouble();
        api.Answer("POST", "/replays", Replay("running", total: 3).Replace("""{"reason":"internal"}""", asked, StringComparison.Ordinal));

        var (_, output) = await api.RunAsync("events", "replay", "mine", "--from", "2026-01-01");

        Assert.Equal($"r1  running    {words}  0 of 3 delivered, 0 failed, 0 skipped, 0 under way", output.Trim());
    }

    [Fact]
    public async Task What_a_replay_waits_for_stands_behind_how_far_it_is()
    {
        using var api = new EventsApiDouble();
        api.Answer("POST", "/replays", Replay("running", total: 3).Replace("\"failed\"", "\"held\":{\"why\":\"Waits for room.\"},\"failed\"", StringComparison.Ordinal));

        var (_, output) = await api.RunAsync("events", "replay", "mine", "--from", "2026-01-01");

        Assert.EndsWith("0 under way  Waits for room.", output.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_is_taken_by_the_id_of_its_publisher_when_the_registration_got_only_one()
    {
        using var api = new EventsApiDouble();
        api.Answer("POST", "/replays", Replay("running", total: 1));
        api.AnswerAt("GET", "/events/org/stories", """{"events":[{"event_id":"8"},{"event_id":"7"}]}""");
        api.AnswerAt("GET", "/events/org/stories/8", """{"deliveries":[{"registration_id":"2"}]}""");
        api.AnswerAt("GET", "/events/org/stories/7", """{"deliveries":[{"registration_id":"1"}]}""", """{"deliveries":[]}""");

        Assert.Equal(0, (await api.RunAsync("events", "replay", "mine", "--event", "order-7")).ExitCode);
        Assert.Equal(["""{"event_id":"7"}"""], api.Bodies);
        var unknown = await Assert.ThrowsAsync<DeveloperException>(() => api.RunAsync("events", "replay", "mine", "--event", "order-7"));
        Assert.StartsWith("The registration got no event 'order-7', neither by the id", unknown.Message, StringComparison.Ordinal);
        api.AnswerAt("GET", "/events/org/stories/8", """{"deliveries":[{"registration_id":"1"}]}""");
        api.AnswerAt("GET", "/events/org/stories/7", """{"deliveries":[{"registration_id":"1"}]}""");
        var several = await Assert.ThrowsAsync<DeveloperException>(() => api.RunAsync("events", "replay", "mine", "--event", "order-7"));
        Assert.Equal("The registration got 2 events that were published as 'order-7'. Give the one that is meant, newest first: 8, 7", several.Message);
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_by_the_names_of_the_options()
    {
        using var api = new EventsApiDouble();
        api.Refuse("POST", "/replays", """{"message":"Say what to replay with 'event_id', 'failed_since' (a time) or 'from' (with 'to')."}""");

        var refused = await Assert.ThrowsAsync<DeveloperException>(() => api.RunAsync("events", "replay", "mine"));

        Assert.Equal("Say what to replay with '--event', '--failed-since' (a time) or '--from' (with '--to'). (400)", refused.Message);
    }

    [Theory, InlineData("list"), InlineData("cancel")]
    public void A_registration_before_the_command_is_refused_and_not_left_out(string command)
    {
        var refusals = EventsCommand.Create("nowhere").Parse(["replay", "bad500", command, "bulk", .. command == "cancel" ? ["7"] : Array.Empty<string>()]).Errors;

        Assert.Equal([$"'bad500' stands before '{command}'. Name the registration once, behind it."], refusals.Select(refusal => refusal.Message));
    }

    [Fact]
    public void The_help_of_a_list_of_replays_has_the_registration_once()
    {
        var output = new StringWriter();

        new RootCommand { EventsCommand.Create("nowhere") }.Parse(["events", "replay", "list", "--help"]).Invoke(new InvocationConfiguration { Output = output });

        Assert.Contains("replay list <REGISTRATION> [options]", output.ToString(), StringComparison.Ordinal);
        Assert.Single(output.ToString().Split("--help")[1..]);
    }

    [Theory, InlineData("redrive"), InlineData("purge")]
    public async Task One_that_is_named_does_not_go_with_a_choice_of_many(string command)
    {
        using var api = new EventsApiDouble();

        var both = await Assert.ThrowsAsync<DeveloperException>(() => api.RunAsync("dead-letters", command, "mine", "17", "--all"));
        var neither = await Assert.ThrowsAsync<DeveloperException>(() => api.RunAsync("dead-letters", command, "mine"));

        Assert.StartsWith("An ID does not go with", both.Message, StringComparison.Ordinal);
        Assert.StartsWith("Say which ones", neither.Message, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    private static string Replay(string state, int total, int failed = 0, bool isEnded = false) =>
        $$"""
        {"id":"r1","state":"{{state}}","asked":{"reason":"internal"},"delivered":0,"total":{{total}},"failed":{{failed}},"skipped":0,"outstanding":0{{(isEnded ? ",\"ended_date\":\"2026-01-01\"" : "")}}}
        """;
}
