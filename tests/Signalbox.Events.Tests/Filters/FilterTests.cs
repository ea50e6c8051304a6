using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.Events.Registrations;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Filters;

public sealed class FilterTests
{
    private const string Red = """{"data":{"colour":["red"]}}""";

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_filter_is_made_read_replaced_and_removed(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        var filters = FiltersOf(server, await server.RegisterAsync("One", provider, "a"));

        var empty = await server.SendAsync(HttpMethod.Get, filters);
        var created = await server.SendAsync(HttpMethod.Post, filters, FilterJson("Only red", Red));
        var id = created.Body.GetProperty("id").GetString();
        var second = await server.SendAsync(HttpMethod.Post, filters, FilterJson("Another", Red));
        var replaced = await server.SendAsync(HttpMethod.Put, $"{filters}/{id}", FilterJson("Only blue", """{"data":{"colour":["blue"]}}"""));
        var read = await server.SendAsync(HttpMethod.Get, $"{filters}/{id}");
        var listed = await server.SendAsync(HttpMethod.Get, filters);
        server.Get<RegistrationDirectory>().Invalidate();
        var reread = await server.SendAsync(HttpMethod.Get, filters);
        var removed = await server.SendAsync(HttpMethod.Delete, $"{filters}/{id}");
        var gone = await server.SendAsync(HttpMethod.Get, $"{filters}/{id}");
        var again = await server.SendAsync(HttpMethod.Delete, $"{filters}/{id}");

        Assert.Equal(0, empty.Body.GetArrayLength());
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal(Red, created.Body.GetProperty("subscriber_filter").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, second.Status);
        Assert.Contains(id!, second.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, replaced.Status);
        Assert.Equal("Only blue", read.Body.GetProperty("name").GetString());
        Assert.Equal(id, Assert.Single(listed.Body.EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("Only blue", Assert.Single(reread.Body.EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.NoContent, removed.Status);
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.NotFound], [gone.Status, again.Status]);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Only_matching_events_reach_a_filtered_registration_and_the_others_get_all(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        var all = await server.RegisterAsync("All", provider, "a", Webhook());
        var red = await server.RegisterAsync("Red", provider, "a", Webhook(Red));
        var blue = await server.RegisterAsync("Blue", provider, "a", Webhook("""{"data":{"colour":["blue"]}}"""));

        await server.PublishAsync(provider, "a", """{"colour":"red"}""");
        await server.PublishAsync(provider, "a", """{"colour":"green"}""");

        Assert.Equal([[Id(all), Id(red)], [Id(all)]], server.Queue.Offers.Select(o => o.Recipients.Select(r => r.Id.ToString())));
        Assert.Equal(["red"], await JournalAsync(server, red));
        Assert.Equal(["red", "green"], await JournalAsync(server, all));
        Assert.Empty(await JournalAsync(server, blue));
    }

    [Fact]
    public async Task What_every_filter_drops_is_acknowledged_and_leaves_no_trace()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        await server.RegisterAsync("Red", provider, "a", Webhook(Red));

        var status = await server.PublishAsync(provider, "a", """{"colour":"green"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Empty(server.Queue.Offers);
        Assert.Equal(0, await server.CountAsync("events"));
    }

    [Fact]
    public async Task A_removed_filter_lets_everything_flow_and_a_changed_one_counts_from_the_next_event()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var registration = await server.RegisterAsync("Red", provider, "a", Journal(Red));
        var filters = FiltersOf(server, registration);
        var id = (await server.SendAsync(HttpMethod.Get, filters)).Body[0].GetProperty("id").GetString();

        await server.PublishAsync(provider, "a", """{"colour":"green"}""");
        await server.SendAsync(HttpMethod.Put, $"{filters}/{id}", FilterJson("Green", """{"data":{"colour":["green"]}}"""));
        await server.PublishAsync(provider, "a", """{"colour":"red"}""");
        await server.PublishAsync(provider, "a", """{"colour":"green"}""");
        await server.SendAsync(HttpMethod.Delete, $"{filters}/{id}");
        await server.PublishAsync(provider, "a", """{"colour":"grey"}""");

        Assert.Equal(["green", "grey"], await JournalAsync(server, registration));
    }

    [Fact]
    public async Task An_edit_of_the_registration_keeps_replaces_or_removes_its_filter()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a", "b");
        var registration = await server.RegisterAsync("Red", provider, "a", Journal(Red));
        var path = $"{server.Workspace}/registrations/{Id(registration)}";

        var kept = await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("Renamed", provider, "b"));
        var patched = await server.SendAsync(HttpMethod.Patch, path, """[{"op":"replace","path":"/subscriber_filters/0/name","value":"Redder"}]""", "application/json-patch+json");
        await server.PublishAsync(provider, "b", """{"colour":"green"}""");
        var emptied = await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("Renamed", provider, "b", "\"delivery_type\":\"journal\",\"subscriber_filters\":[]"));
        await server.PublishAsync(provider, "b", """{"colour":"grey"}""");

        Assert.Equal(Red, kept.Body.GetProperty("subscriber_filters")[0].GetProperty("subscriber_filter").GetString());
        Assert.Equal("Redder", patched.Body.GetProperty("subscriber_filters")[0].GetProperty("name").GetString());
        Assert.Equal(
            registration.GetProperty("subscriber_filters")[0].GetProperty("id").GetString(),
            patched.Body.GetProperty("subscriber_filters")[0].GetProperty("id").GetString());
        Assert.False(emptied.Body.TryGetProperty("subscriber_filters", out _));
        Assert.Equal(["grey"], await JournalAsync(server, registration));
    }

    [Theory]
    [InlineData("""{"data":{"colour":[{"prefix":7}]}}""", "prefix match pattern must be a string", "at data.colour, line 1, column 30")]
    [InlineData("""{"a":["x"],"a":["y"]}""", "Path `a` cannot be allowed multiple times", "line 1")]
    [InlineData("""{"a":[{"wildcard":"x*"}]}""", "Unrecognized match type wildcard", "line 1")]
    [InlineData("{", "", "line 1")]
    [InlineData("{}", "Empty objects are not allowed", "line 1")]
    public async Task A_wrong_filter_is_refused_with_what_and_where(string filter, string what, string where)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var registration = await server.RegisterAsync("One", provider, "a");

        var answer = await server.SendAsync(HttpMethod.Post, FiltersOf(server, registration), FilterJson("Wrong", filter));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        var error = Assert.Single(answer.Body.GetProperty("errors").EnumerateArray());
        Assert.Equal("subscriber_filter", error.GetProperty("field").GetString());
        Assert.Contains(what, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains(where, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"ab","subscriber_filter":"{\"a\":[1]}"}""", "name")]
    [InlineData("""{"name":"Good","subscriber_filter":{"a":[1]}}""", "subscriber_filter")]
    [InlineData("""{"name":"Good"}""", "subscriber_filter")]
    public async Task A_body_that_is_no_filter_is_refused_by_field(string body, string field)
    {
        await using var server = await EventsServer.StartAsync();
        var registration = await server.RegisterAsync("One", await server.CreateProviderAsync("a"), "a");

        var answer = await server.SendAsync(HttpMethod.Post, FiltersOf(server, registration), body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(field, answer.Body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_registration_takes_one_filter()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var two = new JsonArray(JsonNode.Parse(FilterJson("One", Red)), JsonNode.Parse(FilterJson("Two", Red))).ToJsonString();

        var answer = await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations", server.RegistrationJson("Mine", provider, "a", $"\"delivery_type\":\"journal\",\"subscriber_filters\":{two}"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("subscriber_filters", answer.Body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task Validation_tells_which_samples_and_custom_events_match_and_stores_nothing()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("plain");
        foreach (var (code, colour) in new[] { ("warm", "red"), ("cold", "blue") })
        {
            var template = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"colour":"{{colour}}"}"""));
            var added = await server.SendAsync(
                HttpMethod.Post, $"{server.Workspace}/providers/{provider}/eventmetadata",
                $$"""{"event_code":"{{code}}","label":"Label of {{code}}","description":"Described","sample_event_template":"{{template}}"}""");
            Assert.Equal(HttpStatusCode.Created, added.Status);
        }

        var interests = string.Join(',', new[] { "plain", "warm", "cold" }.Select(code => $$"""{"provider_id":"{{provider}}","event_code":"{{code}}"}"""));
        var registration = await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations",
            $$"""{"client_id":"{{server.ClientId}}","name":"Mine","delivery_type":"journal","events_of_interest":[{{interests}}]}""");
        var path = $"{server.Workspace}/registrations/{Id(registration.Body)}";
        var body = new JsonObject
        {
            ["subscriber_filter"] = JsonNode.Parse(FilterJson("Only red", Red)),
            ["custom_sample_events"] = new JsonArray(
                JsonNode.Parse("""{"name":"mine","sample_payload":{"data":{"colour":"red"}}}"""),
                JsonNode.Parse("""{"name":"other","sample_payload":{"data":{"colour":"green"}}}""")),
        };

        var verdict = await server.SendAsync(HttpMethod.Post, path + "/filter/validate", body.ToJsonString());
        var wrong = await server.SendAsync(HttpMethod.Post, path + "/filter/validate", """{"subscriber_filter":{"name":"Only","subscriber_filter":"{"},"custom_sample_events":[{"name":"x","sample_payload":[]}]}""");

        Assert.Equal(HttpStatusCode.OK, verdict.Status);
        Assert.True(verdict.Body.GetProperty("valid").GetBoolean());
        Assert.Equal(["warm"], Codes("matched"));
        Assert.Equal(["cold"], Codes("not_matched"));
        Assert.Equal(["plain"], Codes("no_sample"));
        Assert.Equal(["mine"], Names("matched"));
        Assert.Equal(["other"], Names("not_matched"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(
            ["subscriber_filter.subscriber_filter", "custom_sample_events[0].sample_payload"],
            wrong.Body.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("field").GetString()));
        Assert.Equal(0, (await server.SendAsync(HttpMethod.Get, path + "/filters")).Body.GetArrayLength());

        IEnumerable<string?> Codes(string list) =>
            verdict.Body.GetProperty("event_codes").GetProperty(list).EnumerateArray().Select(e => e.GetProperty("event_code").GetString());
        IEnumerable<string?> Names(string list) =>
            verdict.Body.GetProperty("custom_sample_events").GetProperty(list).EnumerateArray().Select(e => e.GetString());
    }

    [Fact]
    public async Task Another_workspaces_filters_are_not_found()
    {
        await using var server = await EventsServer.StartAsync();
        var registration = await server.RegisterAsync("One", await server.CreateProviderAsync("a"), "a", Journal(Red));
        var stranger = await server.CreateStrangerAsync();
        using var http = await server.SignInAsync(stranger);

        var answer = await http.GetAsync(
            new Uri($"/events/{stranger.Workspace.OrganizationId}/{stranger.Workspace.ProjectId}/{stranger.Workspace.WorkspaceId}/registrations/{Id(registration)}/filters", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static string FilterJson(string name, string filter) =>
        new JsonObject { ["name"] = name, ["subscriber_filter"] = filter }.ToJsonString();

    private static string Journal(string filter) => $"\"delivery_type\":\"journal\",\"subscriber_filters\":[{FilterJson("Filter", filter)}]";

    private static string Webhook(string? filter = null) =>
        "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/hook\"" + (filter is null ? "" : $",\"subscriber_filters\":[{FilterJson("Filter", filter)}]");

    private static string Id(JsonElement registration) => registration.GetProperty("registration_id").GetString()!;

    private static string FiltersOf(EventsServer server, JsonElement registration) => $"{server.Workspace}/registrations/{Id(registration)}/filters";

    private static async Task<IReadOnlyList<string>> JournalAsync(EventsServer server, JsonElement registration)
    {
        var journal = new Uri(registration.GetProperty("_links").GetProperty("rel:events").GetProperty("href").GetString()!).PathAndQuery;
        var page = await server.SendAsync(HttpMethod.Get, journal);
        return page.Status == HttpStatusCode.NoContent
            ? []
            : [.. page.Body.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("event").GetProperty("data").GetProperty("colour").GetString()!)];
    }
}
