using System.Text.Json.Nodes;
using Signalbox.Developer.Stories;

namespace Signalbox.Developer.Tests.Stories;

public sealed class StoryTextTests
{
    [Fact]
    public void Retries_that_are_not_kept_stand_where_they_were()
    {
        var lines = Write("""
            "state":"ended","next":"Nothing by itself: it is a dead letter.","attempts_left_out":2,"attempts":[
              {"attempted_at":"2026-01-01T00:00:00.000Z","retry_count":0,"delivery_id":"a","code":503,"meaning":"failed","duration_ms":1},
              {"attempted_at":"2026-01-01T01:00:00.000Z","retry_count":3,"delivery_id":"b","code":503,"meaning":"failed","duration_ms":1}],
            "dead_letters":[{"id":"9","dead_at":"2026-01-02T00:00:00.000Z","reason":"retries_exhausted","fault":"endpoint","state":"dropped",
              "ended_at":"2026-01-03T00:00:00.000Z","next":"Nothing."}]
            """);

        Assert.Equal(
            ["attempt", "… 2 retries in between are not kept", "retry 3", "dead", "dropped dead letter 9: the registration had too many", "next"],
            lines.SkipWhile(line => !line.Contains(" attempt ", StringComparison.Ordinal)).Select(Step));
    }

    [Fact]
    public void Why_no_answer_came_stands_below_the_attempt_without_what_a_terminal_obeys()
    {
        var lines = Write("""
            "state":"scheduled","next":"Retry 1 is due.","attempts":[{"attempted_at":"2026-01-01T00:00:00.000Z","retry_count":0,"delivery_id":"a","code":602,
              "meaning":"the endpoint could not be reached; it is retried","explanation":"602 : Network ERROR(`7`) :\u001b[2J | SocketException(`Connection refused`)","duration_ms":1}]
            """);

        Assert.EndsWith("602 : Network ERROR(`7`) :·[2J | SocketException(`Connection refused`)", lines.SkipWhile(l => !l.Contains(" attempt ", StringComparison.Ordinal)).ElementAt(1), StringComparison.Ordinal);
    }

    [Fact]
    public void Attempts_that_are_too_many_to_be_shown_are_counted_before_the_first_one()
    {
        var lines = Write("""
            "state":"delivered","next":"Nothing: the endpoint took it.","earlier_attempts_left_out":3,"attempts":[
              {"attempted_at":"2026-01-01T01:00:00.000Z","retry_count":0,"delivery_id":"b","code":200,"meaning":"delivered","duration_ms":1}]
            """);

        Assert.Equal(
            ["… 3 earlier attempts are not shown", "attempt", "next"],
            lines.SkipWhile(line => !line.Contains('…', StringComparison.Ordinal)).Select(Step));
    }

    [Fact]
    public void Registrations_that_did_not_get_the_event_follow_those_that_did()
    {
        var lines = Write("\"state\":\"journaled\",\"next\":\"Nothing.\",\"attempts\":[]");

        Assert.EndsWith("matched    1 registration", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("not for    'Large ones': its filter does not match", lines[3], StringComparison.Ordinal);
        Assert.EndsWith("not for    4 more of its interest", lines[4], StringComparison.Ordinal);
    }

    /// <summary>What a line says, without its times; of attempts and dead letters only what they are.</summary>
    private static string Step(string line)
    {
        var words = line[(line.StartsWith("  2026", StringComparison.Ordinal) ? 40 : 0)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words[0] is "attempt" or "dead" or "next" ? words[0] : words[0] == "retry" ? $"{words[0]} {words[1]}" : string.Join(' ', words);
    }

    private static string[] Write(string delivery) =>
        StoryText.Write(JsonNode.Parse($$"""
            {"event_id":"e","event_code":"order.placed","accepted_at":"2026-01-01T00:00:00.000Z","payload_bytes":2,"provider_id":"p",
             "deliveries":[{"name":"Mine","delivery_type":"webhook",{{delivery}}}],
             "passed_over":[{"name":"Large ones","why":"its filter does not match"}],"passed_over_more":4}
            """)!).Split(Environment.NewLine);
}
