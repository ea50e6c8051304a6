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

        Assert.Equal((0, "r1  running    {\"reason\":\"internal\"}  0 of 3 delivered, 0 failed, 0 skipped, 0 under way" + Environment.NewLine), redriven);
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

        Assert.Equal((exitCode, 3), (code, output.Trim().Split('\n').Length));
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
