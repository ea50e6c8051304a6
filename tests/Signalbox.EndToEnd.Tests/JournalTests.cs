using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>The pull API (events behaviour, section 12).</summary>
public sealed class JournalTests(RunningServer running)
{
    private ServerClient Client => running.Client;

    [Fact]
    public async Task An_empty_journal_answers_204_with_a_link_to_come_back_to()
    {
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterJournalAsync();

        var empty = (await Client.EventsAsync(HttpMethod.Get, registration.JournalPath)).Expect(HttpStatusCode.NoContent);
        var id = await type.PublishAsync();
        var next = (await Client.EventsAsync(HttpMethod.Get, LinkHeader.Find(empty, "next"))).Expect(HttpStatusCode.OK);

        Assert.Equal("10", empty.Headers["retry-after"]);
        Assert.Equal([id], EventIds(next));
    }

    [Fact]
    public async Task A_limit_pages_through_the_events_in_their_order_and_since_is_exclusive()
    {
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterJournalAsync();
        var published = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            published.Add(await type.PublishAsync(i));
        }

        var first = (await Client.EventsAsync(HttpMethod.Get, $"{registration.JournalPath}?limit=2")).Expect(HttpStatusCode.OK);
        var second = (await Client.EventsAsync(HttpMethod.Get, LinkHeader.Find(first, "next"))).Expect(HttpStatusCode.OK);
        var position = first.Json["events"]![0]!["position"]!.GetValue<string>();
        var since = (await Client.EventsAsync(HttpMethod.Get, $"{registration.JournalPath}?since={Uri.EscapeDataString(position)}")).Expect(HttpStatusCode.OK);

        Assert.Equal(published[..2], EventIds(first));
        Assert.Equal(published[2..4], EventIds(second));
        Assert.Equal(published[1..], EventIds(since));
        Assert.Equal(2, first.Json["_page"]!["count"]!.GetValue<int>());
        Assert.Equal(first.Json["events"]![1]!["position"]!.GetValue<string>(), first.Json["_page"]!["last"]!.GetValue<string>());
    }

    [Fact]
    public async Task Latest_leaves_out_what_was_there_and_its_link_gives_what_comes()
    {
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterJournalAsync();
        await type.PublishAsync();

        var latest = (await Client.EventsAsync(HttpMethod.Get, $"{registration.JournalPath}?latest=true")).Expect(HttpStatusCode.NoContent);
        var id = await type.PublishAsync();
        var next = (await Client.EventsAsync(HttpMethod.Get, LinkHeader.Find(latest, "next"))).Expect(HttpStatusCode.OK);

        Assert.Equal("10", latest.Headers["retry-after"]);
        Assert.Equal([id], EventIds(next));
    }

    [Fact]
    public async Task A_journaled_event_is_the_published_one_with_its_four_added_attributes()
    {
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterJournalAsync();
        await type.PublishAsync(JsonNode.Parse("""{"exact":12345678901234567890,"text":"ä","none":null}"""));

        var page = (await Client.EventsAsync(HttpMethod.Get, registration.JournalPath)).Expect(HttpStatusCode.OK);

        var journaled = page.Json["events"]![0]!["event"]!;
        Assert.Contains("12345678901234567890", page.Text, StringComparison.Ordinal);
        Assert.Equal("ä", journaled["data"]!["text"]!.GetValue<string>());
        Assert.Equal(Client.Console.ClientId, journaled["recipientclientid"]!.GetValue<string>());
        Assert.Equal(Client.Console.ClientId, journaled["recipient_client_id"]!.GetValue<string>());
        Assert.Equal(journaled["eventid"]!.GetValue<string>(), journaled["event_id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=many")]
    [InlineData("since=nonsense")]
    public async Task A_query_that_means_nothing_is_refused(string query)
    {
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterJournalAsync();

        (await Client.EventsAsync(HttpMethod.Get, $"{registration.JournalPath}?{query}")).Expect(HttpStatusCode.BadRequest);
    }

    private static IReadOnlyList<string> EventIds(Answer page) =>
        [.. page.Json["events"]!.AsArray().Select(e => e!["event"]!["id"]!.GetValue<string>())];
}
