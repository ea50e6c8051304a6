using System.Net;
using System.Text;
using System.Text.Json;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Providers;

public sealed class SampleDeliveryTests
{
    private const string Action = "\"delivery_type\":\"webhook\",\"runtime_action\":\"pkg/act\"";

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_sample_goes_to_one_registration_as_its_provider_would_publish_it(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var (provider, path) = await CreateAsync(server, """{"price":1.0}""");
        var mine = Id(await server.RegisterAsync("Mine", provider, "a", Action));
        await server.RegisterAsync("Other", provider, "a", Action);

        var posted = await server.SendAsync(HttpMethod.Post, $"{path}/{mine}");

        Assert.Equal(HttpStatusCode.OK, posted.Status);
        Assert.Equal("application/json", posted.Response.Content.Headers.ContentType!.MediaType);
        var (accepted, recipients) = Assert.Single(server.Queue.Offers);
        Assert.Equal(mine, Assert.Single(recipients).Id.ToString());
        Assert.Equal(accepted.EventId.ToString(), posted.Body.GetProperty("eventid").GetString());
        var payload = Encoding.UTF8.GetString(accepted.Payload.Span);
        Assert.Contains("\"data\":{\"price\":1.0}", payload, StringComparison.Ordinal);
        var sent = JsonElement.Parse(payload);
        Assert.Equal("urn:uuid:" + provider, sent.GetProperty("source").GetString());
        Assert.Equal("a", sent.GetProperty("type").GetString());
        Assert.False(sent.TryGetProperty("recipientclientid", out _));
        Assert.Equal(1, await server.CountAsync("journal"));
        Assert.Equal(1, await server.CountAsync("deliveries"));
    }

    [Fact]
    public async Task A_given_payload_is_sent_instead_and_the_filter_is_asked()
    {
        await using var server = await EventsServer.StartAsync();
        var (provider, path) = await CreateAsync(server, null);
        var mine = Id(await server.RegisterAsync("Mine", provider, "a", Action + ""","subscriber_filters":[{"name":"Red","subscriber_filter":"{\"data\":{\"colour\":[\"red\"]}}"}]"""));

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Post, $"{path}/{mine}")).Status);
        var dropped = await server.SendAsync(HttpMethod.Post, $"{path}/{mine}", """{"colour":"blue"}""");
        Assert.Equal(HttpStatusCode.OK, dropped.Status);
        Assert.Contains("'Red'", dropped.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await server.CountAsync("journal"));

        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Post, $"{path}/{mine}", """{"colour":"red"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Post, $"{path}/{mine}", """{"specversion":"1.0","source":"x","extension":"kept","data":{"colour":"red"}}""")).Status);
        Assert.Equal(2, server.Queue.Offers.Count);
        Assert.Contains("\"extension\":\"kept\"", Encoding.UTF8.GetString(server.Queue.Offers[1].Event.Payload.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("\"source\":\"x\"", Encoding.UTF8.GetString(server.Queue.Offers[1].Event.Payload.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MINE", "[1]", 400), InlineData("MINE", "{\"a\":1,\"a\":2}", 400), InlineData("MINE", "{", 400), InlineData("MINE", "{\"\\ud800\":1}", 400), InlineData("MINE", "{\"a\":[\"\\ud800\"]}", 400)]
    [InlineData("MINE", "{\"specversion\":\"1.0\",\"Bad_Name\":1}", 400), InlineData("MINE", "{\"specversion\":\"0.3\"}", 400)]
    [InlineData("OTHER", "{}", 400), InlineData("00000000-0000-4000-8000-000000000000", "{}", 404), InlineData("nonsense", "{}", 404)]
    public async Task What_cannot_be_posted_is_refused(string registration, string payload, int status)
    {
        await using var server = await EventsServer.StartAsync();
        var (provider, path) = await CreateAsync(server, "{}");
        var mine = Id(await server.RegisterAsync("Mine", provider, "a", Action));
        var other = Id(await server.RegisterAsync("Other", provider, "b", Action));
        var id = registration.Replace("MINE", mine, StringComparison.Ordinal).Replace("OTHER", other, StringComparison.Ordinal);

        var refused = await server.SendAsync(HttpMethod.Post, $"{path}/{id}", payload);

        Assert.Equal(status, (int)refused.Status);
        Assert.Empty(server.Queue.Offers);
    }

    private static async Task<(string Provider, string Path)> CreateAsync(EventsServer server, string? template)
    {
        var provider = await server.CreateProviderAsync("b");
        var more = template is null ? "" : $",\"sample_event_template\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(template))}\"";
        var added = await server.SendAsync(
            HttpMethod.Post, $"{server.Workspace}/providers/{provider}/eventmetadata", $$"""{"event_code":"a","label":"A","description":"A"{{more}}}""");
        Assert.Equal(HttpStatusCode.Created, added.Status);
        return (provider, $"/events/providers/{provider}/eventmetadata/a/sample_event");
    }

    private static string Id(JsonElement registration) => registration.GetProperty("registration_id").GetString()!;
}
