using System.Net;
using System.Text;
using System.Text.Json;
using Signalbox.Events.Registrations;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Edge;

/// <summary>Two editors of one resource: who sends the version that they saw does not overwrite the other's edit.</summary>
public sealed class VersionTests
{
    private const string JsonPatch = "application/json-patch+json";

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_stale_edit_is_refused_and_told_how_to_go_on(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        foreach (var resource in await ResourcesAsync(server))
        {
            var seen = await TagAsync(server, HttpMethod.Get, resource.ReadPath);
            Assert.Equal(resource.CreatedTag, seen);
            var edited = await SendAsync(server, HttpMethod.Put, resource.EditPath, resource.Bodies[0], seen);
            Assert.Equal(HttpStatusCode.OK, edited.Status);
            Assert.NotEqual(seen, edited.Tag);
            Assert.Equal(edited.Tag, await TagAsync(server, HttpMethod.Get, resource.ReadPath));

            foreach (var (method, body, type) in ((HttpMethod, string?, string)[])[
                (HttpMethod.Put, resource.Bodies[1], "application/json"),
                .. resource.Patch is { } patch ? [(HttpMethod.Patch, patch, JsonPatch)] : ((HttpMethod, string?, string)[])[],
                (HttpMethod.Delete, null, "")])
            {
                var stale = await SendAsync(server, method, resource.EditPath, body, seen, type);
                Assert.Equal(HttpStatusCode.PreconditionFailed, stale.Status);
                Assert.Equal(edited.Tag, stale.Tag);
                Assert.Contains(edited.Tag!, stale.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
                Assert.Contains("GET it again", stale.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
                Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(server, method, resource.EditPath, body, "W/" + edited.Tag, type)).Status);
                Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(server, method, resource.EditPath, body, "no tag", type)).Status);
            }

            Assert.Equal(edited.Tag, await TagAsync(server, HttpMethod.Get, resource.ReadPath));
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Put, resource.EditPath, resource.Bodies[1], "*")).Status);
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Put, resource.EditPath, resource.Bodies[0], null)).Status);
            Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, HttpMethod.Delete, resource.EditPath, null, $"\"other\", {edited.Tag}")).Status);
        }
    }

    [Fact]
    public async Task Patches_at_the_same_time_lose_nothing_of_each_other()
    {
        await using var server = await EventsServer.StartAsync();
        string[] codes = ["a", "b", "c", "d", "e"];
        var provider = await server.CreateProviderAsync(codes);
        var created = await server.RegisterAsync("Mine", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://public.example/\"");
        var path = $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}";

        var patched = await Task.WhenAll(codes.Skip(1).Select(code => server.SendAsync(
            HttpMethod.Patch, path, $$$"""[{"op":"add","path":"/events_of_interest/-","value":{"provider_id":"{{{provider}}}","event_code":"{{{code}}}"}}]""", JsonPatch)));

        Assert.All(patched, p => Assert.Equal(HttpStatusCode.OK, p.Status));
        var interests = (await server.SendAsync(HttpMethod.Get, path)).Body.GetProperty("events_of_interest").EnumerateArray();
        Assert.Equal(codes, interests.Select(i => i.GetProperty("event_code").GetString()).Order());
    }

    [Fact]
    public async Task What_the_service_changes_itself_spoils_no_edit()
    {
        await using var server = await EventsServer.StartAsync();
        server.Challenge.Answer = WebhookStatus.VerificationFailed;
        var provider = await server.CreateProviderAsync("a");
        var created = await server.RegisterAsync("Mine", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://public.example/\"");
        var path = $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}";
        var disabled = await TagAsync(server, HttpMethod.Get, path);

        server.Challenge.Answer = WebhookStatus.Verified;
        var enabled = await SendAsync(server, HttpMethod.Patch, path, "[]", disabled, JsonPatch);

        Assert.Equal("verified", enabled.Body.GetProperty("webhook_status").GetString());
        Assert.Equal(disabled, enabled.Tag);
    }

    private static async Task<IReadOnlyList<Edited>> ResourcesAsync(EventsServer server)
    {
        var provider = await server.CreateProviderAsync("kept");
        var metadata = $"{server.Workspace}/providers/{provider}/eventmetadata";
        var ownEvent = await SendAsync(server, HttpMethod.Post, metadata, """{"event_code":"a","label":"A","description":"A"}""", null);
        var registration = await SendAsync(server, HttpMethod.Post, server.Workspace + "/registrations", server.RegistrationJson("Mine", provider, "kept"), null);
        var registrationPath = $"{server.Workspace}/registrations/{registration.Body.GetProperty("registration_id").GetString()}";
        var filter = await SendAsync(server, HttpMethod.Post, registrationPath + "/filters", Filter("x"), null);
        var filterPath = $"{registrationPath}/filters/{filter.Body.GetProperty("id").GetString()}";
        var other = await SendAsync(server, HttpMethod.Post, server.Workspace + "/providers", """{"label":"Other"}""", null);
        var otherId = other.Body.GetProperty("id").GetString();
        return
        [
            new(filterPath, filterPath, filter.Tag, [Filter("y"), Filter("z")], null),
            new(registrationPath, registrationPath, registration.Tag, [server.RegistrationJson("Second", provider, "kept"), server.RegistrationJson("Third", provider, "kept")], """[{"op":"replace","path":"/name","value":"Patched"}]"""),
            new($"/events/providers/{provider}/eventmetadata/a", metadata + "/a", ownEvent.Tag, ["""{"event_code":"a","label":"B","description":"B"}""", """{"event_code":"a","label":"C","description":"C"}"""], """[{"op":"replace","path":"/label","value":"P"}]"""),
            new($"/events/providers/{otherId}", $"{server.Workspace}/providers/{otherId}", other.Tag, ["""{"label":"B"}""", """{"label":"C"}"""], """[{"op":"replace","path":"/label","value":"P"}]"""),
        ];
    }

    private static string Filter(string value) => $$$"""{"name":"Filter","subscriber_filter":"{\"data\":{\"a\":[\"{{{value}}}\"]}}"}""";

    private static async Task<string?> TagAsync(EventsServer server, HttpMethod method, string path) => (await SendAsync(server, method, path, null, null)).Tag;

    private static async Task<(HttpStatusCode Status, string? Tag, JsonElement Body)> SendAsync(
        EventsServer server, HttpMethod method, string path, string? body, string? ifMatch, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, contentType);
        using var response = await server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.Headers.ETag?.ToString(), text.Length > 0 ? JsonElement.Parse(text) : default);
    }

    private sealed record Edited(string ReadPath, string EditPath, string? CreatedTag, string[] Bodies, string? Patch);
}
