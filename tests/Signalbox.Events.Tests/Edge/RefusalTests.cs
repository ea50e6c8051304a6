using System.Net;

namespace Signalbox.Events.Tests.Edge;

/// <summary>What the API says about a request that it cannot read.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("""{"name":5}""", "name", "'name' is a number. It must be a string, at line 1, byte 10.")]
    [InlineData("""{"name":{"a":1}}""", "name", "'name' is an object. It must be a string, at line 1, byte 10.")]
    [InlineData("""{"enabled":"yes"}""", "enabled", "'enabled' is a string. It must be true or false, at line 1, byte 17.")]
    [InlineData("""{"delivery_rate_per_second":"5"}""", "delivery_rate_per_second", "'delivery_rate_per_second' is a string. It must be a number, at line 1, byte 32.")]
    [InlineData("""{"delivery_rate_per_second":1.5}""", "delivery_rate_per_second", "'delivery_rate_per_second' is not a whole number, or too large, at line 1, byte 32.")]
    [InlineData("""{"events_of_interest":"all"}""", "events_of_interest", "'events_of_interest' is of the wrong type. It must be an array, at line 1, byte 28.")]
    [InlineData("{\"events_of_interest\":[\n1]}", "events_of_interest[0]", "'events_of_interest[0]' is of the wrong type. It must be an object, at line 2, byte 2.")]
    [InlineData("""{"events_of_interest":[{"event_code":true}]}""", "events_of_interest[0].event_code", "'events_of_interest[0].event_code' is true. It must be a string, at line 1, byte 42.")]
    [InlineData("""{"name":"a","name":"b"}""", "name", "'name' is given twice. Remove one, at line 1, byte 20.")]
    [InlineData("""{"name":tru}""", "name", "'name' is malformed, at line 1, byte 12.")]
    public async Task A_member_that_cannot_be_read_is_told_with_what_it_is_and_what_it_must_be(string body, string field, string message)
    {
        await using var server = await EventsServer.StartAsync();

        var refused = await server.SendAsync(HttpMethod.Post, server.Workspace + "/registrations", body);

        var error = Assert.Single(refused.Body.GetProperty("errors").EnumerateArray());
        Assert.Equal((HttpStatusCode.BadRequest, message, field), (refused.Status, refused.Body.GetProperty("message").GetString(), error.GetProperty("field").GetString()));
    }

    [Theory]
    [InlineData("dead-letters?foo=1", "'foo' is not known here. There are: reason, from, to, after, limit.")]
    [InlineData("dead-letters?reasn=internal&limit=5", "'reasn' is not known here. There are: reason, from, to, after, limit.")]
    [InlineData("replays?state=running", "'state' is not known here. There are: after, limit.")]
    [InlineData("status-history?since=x", "'since' is not known here. Leave it out.")]
    public async Task A_parameter_that_is_not_known_is_refused_and_not_left_out(string path, string message)
    {
        await using var server = await EventsServer.StartAsync();
        var registration = await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a");

        var refused = await server.SendAsync(HttpMethod.Get, $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}/{path}");

        Assert.Equal((HttpStatusCode.BadRequest, message), (refused.Status, refused.Body.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Several_errors_of_one_member_are_all_in_the_message()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");

        var refused = await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations",
            server.RegistrationJson("Mine", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"shop\\ta\""));

        var errors = refused.Body.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal(["webhook_url", "webhook_url"], errors.Select(error => error.GetProperty("field").GetString()));
        Assert.Equal(string.Join(' ', errors.Select(error => error.GetProperty("message").GetString())), refused.Body.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_page_behind_the_only_one_is_refused_in_the_singular()
    {
        await using var server = await EventsServer.StartAsync();
        await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a");

        var refused = await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/registrations?page=7&size=100");

        Assert.Equal("'page' is 7, but there is 1 page of size 100, counted from 0.", refused.Body.GetProperty("message").GetString());
    }

    [Theory, InlineData("gzip", 415), InlineData("gzip, identity", 415), InlineData("identity", 204)]
    public async Task A_body_that_is_encoded_is_refused_with_what_is_taken(string encoding, int status)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        using var content = new StringContent($$"""{"id":"1","source":"urn:uuid:{{provider}}","type":"a"}""", null, "application/json");
        content.Headers.TryAddWithoutValidation("content-encoding", encoding);

        var answer = await server.Http.PostAsync("/ingress", content);

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 415)
        {
            Assert.Contains(
                $"Content encoding '{encoding}' is not accepted here. Send the body as it is, without one ('identity').",
                await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Quotes_in_a_message_are_readable()
    {
        await using var server = await EventsServer.StartAsync();

        var refused = await server.SendAsync(HttpMethod.Get, $"/events/{server.Home.Workspace.OrganizationId}/registrations?page=99999999999");

        Assert.Equal("application/json", refused.Response.Content.Headers.ContentType!.ToString());
        Assert.Contains(
            "\"message\":\"'page' is '99999999999'. It must be a number from 0 to 2147483647.\"", refused.Body.GetRawText(), StringComparison.Ordinal);
    }
}
