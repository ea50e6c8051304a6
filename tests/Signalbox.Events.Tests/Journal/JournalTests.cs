using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Signalbox.Events.Journal;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Journal;

public sealed partial class JournalTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_poller_that_follows_next_sees_every_event_once_while_others_publish(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var (provider, journal) = await PrepareAsync(server);
        var publishing = Task.WhenAll(Enumerable.Range(0, 8).Select(async lane =>
        {
            for (var i = 0; i < 25; i++)
            {
                Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a.b", id: $"{lane}-{i}"));
            }
        }));

        var seen = new List<string>();
        var next = journal + "?limit=7";
        var emptyAfterEnd = 0;
        while (emptyAfterEnd < 2)
        {
            var ended = publishing.IsCompleted;
            var page = await server.SendAsync(HttpMethod.Get, next);
            next = Link(page.Response, "next");
            if (page.Status == HttpStatusCode.NoContent)
            {
                Assert.Equal(TimeSpan.FromSeconds(10), page.Response.Headers.RetryAfter!.Delta);
                emptyAfterEnd += ended ? 1 : 0;
                continue;
            }

            seen.AddRange(page.Body.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("event").GetProperty("id").GetString()!));
        }

        await publishing;
        Assert.Equal(200, seen.Count);
        Assert.Equal(200, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_page_comes_in_chunks_so_that_the_published_client_notices_when_it_is_cut_off()
    {
        await using var server = await EventsServer.StartAsync();
        var (provider, journal) = await PrepareAsync(server);
        await server.PublishAsync(provider, "a.b");

        using var page = await server.Http.GetAsync(new Uri(journal, UriKind.RelativeOrAbsolute), HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.True(page.Headers.TransferEncodingChunked);
        Assert.Null(page.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Numbers_reach_the_reader_as_they_were_written()
    {
        await using var server = await EventsServer.StartAsync();
        var (provider, journal) = await PrepareAsync(server);
        const string Data = """{"a": 1.0, "b":1e3, "c":12345678901234567890, "d":-0.10, "e":"\u00e9"}""";
        await server.PublishAsync(provider, "a.b", Data);

        var page = await server.SendAsync(HttpMethod.Get, journal);

        var first = page.Body.GetProperty("events")[0].GetProperty("event");
        Assert.Equal(Data, first.GetProperty("data").GetRawText());
        Assert.Equal(server.ClientId, first.GetProperty("recipient_client_id").GetString());
        Assert.Equal(first.GetProperty("eventid").GetString(), first.GetProperty("event_id").GetString());
        Assert.Equal("application/vnd.adobecloud.events+json; charset=UTF-8", page.Response.Content.Headers.ContentType!.ToString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Events_can_be_read_for_seven_days_and_not_a_second_longer(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var (provider, journal) = await PrepareAsync(server);
        await server.PublishAsync(provider, "a.b", id: "old-1");
        await server.PublishAsync(provider, "a.b", id: "old-2");
        var first = (await server.SendAsync(HttpMethod.Get, journal + "?limit=1")).Body.GetProperty("_page").GetProperty("last").GetString();
        var second = (await server.SendAsync(HttpMethod.Get, journal)).Body.GetProperty("_page").GetProperty("last").GetString();

        server.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await server.SendAsync(HttpMethod.Get, journal)).Body.GetProperty("events").GetArrayLength());
        server.Clock.Advance(TimeSpan.FromSeconds(1));

        // Once as they are only too old, once as they are deleted: nobody can tell the difference.
        for (var round = 0; round < 2; round++)
        {
            var gone = await server.SendAsync(HttpMethod.Get, $"{journal}?since={first}");
            Assert.Equal(HttpStatusCode.Gone, gone.Status);
            Assert.Equal($"Events at position {first} have expired.", await gone.Response.Content.ReadAsStringAsync());
            var start = await server.SendAsync(HttpMethod.Get, journal);
            Assert.Equal(HttpStatusCode.NoContent, start.Status);
            Assert.Contains("since=" + second, Link(start.Response, "next"), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Get, Link(start.Response, "validate"))).Status);
            await server.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().OfType<JournalRetention>().Single().DeleteExpiredAsync(default);
        }

        await server.PublishAsync(provider, "a.b", id: "new");
        var news = await server.SendAsync(HttpMethod.Get, $"{journal}?since={second}");
        Assert.Equal("new", news.Body.GetProperty("events")[0].GetProperty("event").GetProperty("id").GetString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_was_accepted_before_the_clock_was_set_back_outlives_what_came_later_with_an_older_time(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var (provider, journal) = await PrepareAsync(server);
        foreach (var id in (string[])["1", "2", "expired", "3"])
        {
            await server.PublishAsync(provider, "a.b", id: id);
        }

        var before = (await server.SendAsync(HttpMethod.Get, journal + "?limit=1")).Body.GetProperty("_page").GetProperty("last").GetString();
        await server.Get<Database>().WriteAsync(session =>
        {
            const string Third = "(SELECT event_seq FROM events ORDER BY event_seq LIMIT 1 OFFSET 2)";
            var old = new { at = server.Clock.GetUtcNow().AddDays(-30).ToUnixTimeMilliseconds() };
            session.Execute($"UPDATE journal SET received_at = @at WHERE event_seq = {Third}", old);
            session.Execute($"UPDATE events SET received_at = @at WHERE event_seq = {Third}", old);
        });

        var deleted = await server.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().OfType<JournalRetention>().Single().DeleteExpiredAsync(default);

        Assert.Equal(1, deleted);
        Assert.Equal(3, await server.CountAsync("journal"));
        var rest = await server.SendAsync(HttpMethod.Get, $"{journal}?since={before}");
        Assert.Equal(["2", "3"], rest.Body.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("event").GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Latest_skips_what_was_there_and_since_wins_over_latest()
    {
        await using var server = await EventsServer.StartAsync();
        var (provider, journal) = await PrepareAsync(server);
        await server.PublishAsync(provider, "a.b", id: "before");

        var latest = await server.SendAsync(HttpMethod.Get, journal + "?latest=true");
        await server.PublishAsync(provider, "a.b", id: "after");
        var next = await server.SendAsync(HttpMethod.Get, Link(latest.Response, "next") + "&latest=true");

        Assert.Equal(HttpStatusCode.NoContent, latest.Status);
        Assert.Equal("after", Assert.Single(next.Body.GetProperty("events").EnumerateArray()).GetProperty("event").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Seek_starts_at_a_time()
    {
        await using var server = await EventsServer.StartAsync();
        var (provider, journal) = await PrepareAsync(server);
        await server.PublishAsync(provider, "a.b", id: "three hours ago");
        server.Clock.Advance(TimeSpan.FromHours(2));
        await server.PublishAsync(provider, "a.b", id: "one hour ago");
        server.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(["one hour ago"], Ids(await server.SendAsync(HttpMethod.Get, journal + "?seek=-PT2H")));
        Assert.Equal(["three hours ago", "one hour ago"], Ids(await server.SendAsync(HttpMethod.Get, journal + "?seek=-P30D")));
        Assert.Equal(["three hours ago", "one hour ago"], Ids(await server.SendAsync(HttpMethod.Get, journal + "?seek=-P1W")));
        Assert.Equal(["three hours ago", "one hour ago"], Ids(await server.SendAsync(HttpMethod.Get, journal + "?seek=-PT99999999999H")));
        Assert.Equal(["three hours ago", "one hour ago"], Ids(await server.SendAsync(HttpMethod.Get, journal + "?seek=-P99999999999W")));
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Get, journal + "?seek=-PT1M")).Status);
    }

    [Fact]
    public async Task A_page_stays_below_its_size_but_always_has_one_event()
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { JournalPageBytesMax = 3_000 });
        var (provider, journal) = await PrepareAsync(server);
        await server.PublishAsync(provider, "a.b", $"\"{new string('x', 5_000)}\"", "big");
        for (var i = 0; i < 10; i++)
        {
            await server.PublishAsync(provider, "a.b", $"\"{new string('x', 500)}\"", $"small-{i}");
        }

        var first = await server.SendAsync(HttpMethod.Get, journal + "?limit=1000");
        var second = await server.SendAsync(HttpMethod.Get, Link(first.Response, "next"));

        Assert.Equal(["big"], Ids(first));
        Assert.InRange(second.Response.Content.Headers.ContentLength!.Value, 2_000, 3_000);
        Assert.Contains("limit=1000", Link(second.Response, "next"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?since=nonsense")]
    [InlineData("?since=AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("?since=")]
    [InlineData("?limit=0")]
    [InlineData("?limit=-1")]
    [InlineData("?limit=1.5")]
    [InlineData("?limit=99999999999")]
    [InlineData("?latest=maybe")]
    [InlineData("?seek=PT2H")]
    [InlineData("?seek=2h")]
    [InlineData("?seek=-PT0S")]
    [InlineData("?seek=-P0W")]
    [InlineData("?seek=P1W")]
    [InlineData("?seek=-PW")]
    [InlineData("?seek=P99999999999D")]
    [InlineData("?seek=-P99999999999Q")]
    [InlineData("?seek=-PT00000000000H")]
    [InlineData("?seek=-PT2H&latest=true")]
    [InlineData("/validate")]
    public async Task Wrong_queries_are_refused_by_name(string query)
    {
        await using var server = await EventsServer.StartAsync();
        var (_, journal) = await PrepareAsync(server);

        var answer = await server.SendAsync(HttpMethod.Get, journal + query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        var field = answer.Body.GetProperty("errors")[0].GetProperty("field").GetString()!;
        Assert.Contains(field, answer.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_position_of_another_journal_is_refused()
    {
        await using var server = await EventsServer.StartAsync();
        var (provider, journal) = await PrepareAsync(server);
        var other = await server.RegisterAsync("Other", provider, "a.b");
        await server.PublishAsync(provider, "a.b");
        var position = (await server.SendAsync(HttpMethod.Get, journal)).Body.GetProperty("_page").GetProperty("last").GetString();

        var answer = await server.SendAsync(HttpMethod.Get, $"{JournalOf(other)}?since={position}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
    }

    [Fact]
    public async Task Every_address_of_a_journal_answers_alike_and_all_links_are_there()
    {
        await using var server = await EventsServer.StartAsync();
        var (provider, journal) = await PrepareAsync(server);
        await server.PublishAsync(provider, "a.b");
        var tail = journal["/events".Length..];

        foreach (var prefix in (string[])["/events", "", "/events-fast"])
        {
            var page = await server.SendAsync(HttpMethod.Get, prefix + tail);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            foreach (var name in (string[])["events", "next", "count", "latest", "page", "seek"])
            {
                Assert.StartsWith("/", Link(page.Response, name), StringComparison.Ordinal);
            }
        }

        var start = JournalPositionOfStart(await server.SendAsync(HttpMethod.Get, journal + "?latest=true"));
        Assert.Equal(0, (await server.SendAsync(HttpMethod.Get, $"/count{tail}?since={start}")).Body.GetProperty("count").GetInt32());
        Assert.Equal(1, (await server.SendAsync(HttpMethod.Get, $"/count{tail}")).Body.GetProperty("count").GetInt32());
        using var absolute = new HttpRequestMessage(HttpMethod.Get, journal);
        absolute.Headers.Add("x-adobe-io-events-url-links", "true");
        Assert.StartsWith("http://127.0.0.1:", Link(await server.Http.SendAsync(absolute), "next"), StringComparison.Ordinal);
    }

    private static string JournalPositionOfStart((HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response) page) =>
        Link(page.Response, "next").Split("since=")[1];

    private static IEnumerable<string> Ids((HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response) page) =>
        page.Body.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("event").GetProperty("id").GetString()!);

    private static async Task<(string Provider, string Journal)> PrepareAsync(EventsServer server)
    {
        var provider = await server.CreateProviderAsync("a.b");
        return (provider, JournalOf(await server.RegisterAsync("Mine", provider, "a.b")));
    }

    private static string JournalOf(JsonElement registration) =>
        new Uri(registration.GetProperty("_links").GetProperty("rel:events").GetProperty("href").GetString()!).AbsolutePath;

    private static string Link(HttpResponseMessage response, string name) =>
        LinkPattern().Matches(string.Join(", ", response.Headers.GetValues("Link"))).Single(m => m.Groups[2].Value == name).Groups[1].Value;

    [GeneratedRegex("<([^>]*)>; rel=\"([a-z]+)\"")]
    private static partial Regex LinkPattern();
}
