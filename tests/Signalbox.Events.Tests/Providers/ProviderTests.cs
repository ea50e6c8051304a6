using System.Net;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Providers;

public sealed class ProviderTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_provider_is_created_changed_and_deleted(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var id = await server.CreateProviderAsync("a.b");
        var path = $"{server.Workspace}/providers/{id}";

        var got = (await server.SendAsync(HttpMethod.Get, $"/events/providers/{id}?eventmetadata=true")).Body;
        Assert.Equal("urn:uuid:" + id, got.GetProperty("source").GetString());
        Assert.Equal("A custom events provider, registered by your organization.", got.GetProperty("description").GetString());
        Assert.Equal("a.b", got.GetProperty("_embedded").GetProperty("eventmetadata")[0].GetProperty("event_code").GetString());
        Assert.EndsWith($"/events/providers/{id}?eventmetadata=true", got.GetProperty("_links").GetProperty("self").GetProperty("href").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(path, got.GetProperty("_links").GetProperty("rel:update").GetProperty("href").GetString(), StringComparison.Ordinal);

        Assert.Equal("Put", (await server.SendAsync(HttpMethod.Put, path, """{"label":"Put","unknown":1}""")).Body.GetProperty("label").GetString());
        var patched = await server.SendAsync(HttpMethod.Patch, path, """[{"op":"replace","path":"/label","value":"Patched"}]""", "application/json-patch+json");
        Assert.Equal("Patched", patched.Body.GetProperty("label").GetString());
        var one = await server.SendAsync(HttpMethod.Patch, path, """ {"op":"replace","path":"/description","value":"One operation"}""", "application/json-patch+json");
        Assert.Equal("One operation", one.Body.GetProperty("description").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Patch, path, """[{"op":"replace","path":"/label","value":"Patched"}]""", "application/json-patch+json")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, $"/events/providers/{id}")).Status);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Event_metadata_is_created_changed_and_deleted(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var id = await server.CreateProviderAsync("a.b", "c.d");
        var path = $"{server.Workspace}/providers/{id}/eventmetadata";
        const string Changed = """{"event_code":"a.b","label":"Changed","description":"Yes","sample_event_template":"eyJhIjoxLjB9"}""";

        var again = await server.SendAsync(HttpMethod.Post, path, Changed);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Equal("a.b", Assert.Single(again.Response.Headers.GetValues("x-conflicting-id")));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Put, path + "/c.d", Changed)).Status);
        Assert.Equal("Changed", (await server.SendAsync(HttpMethod.Put, path + "/a.b", Changed)).Body.GetProperty("label").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Patch, path + "/a.b", """[{"op":"replace","path":"/event_code","value":"x"}]""", "application/json-patch+json")).Status);
        var sample = await server.SendAsync(HttpMethod.Get, $"/events/providers/{id}/eventmetadata/a.b/sample_event");
        Assert.Contains("{\"a\":1.0}", sample.Body.GetProperty("sample_payload").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Head, $"/events/providers/{id}/eventmetadata/c.d/sample_event")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, path + "/a.b")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Delete, path + "/a.b")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(0, (await server.SendAsync(HttpMethod.Get, $"/events/providers/{id}/eventmetadata")).Body.GetProperty("_embedded").GetProperty("eventmetadata").GetArrayLength());
    }

    [Fact]
    public async Task The_same_instance_of_a_family_conflicts()
    {
        await using var server = await EventsServer.StartAsync();
        const string Body = """{"label":"Aem","provider_metadata":"aem","instance_id":"author-1","data_residency_region":"irl1"}""";
        var first = await server.SendAsync(HttpMethod.Post, server.Workspace + "/providers", Body);
        var second = await server.SendAsync(HttpMethod.Post, server.Workspace + "/providers", Body);

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal("IRL1", first.Body.GetProperty("data_residency_region").GetString());
        Assert.Equal(HttpStatusCode.Conflict, second.Status);
        Assert.Equal(first.Body.GetProperty("id").GetString(), Assert.Single(second.Response.Headers.GetValues("x-conflicting-id")));
    }

    [Theory]
    [InlineData("{}", 400)]
    [InlineData("null", 400)]
    [InlineData("\"x\"", 400)]
    [InlineData("{\"label\":1}", 400)]
    [InlineData("{\"label\":\"\"}", 400)]
    [InlineData("{\"label\":\"<b>\"}", 400)]
    [InlineData("{\"label\":\"a\",\"label\":\"b\"}", 400)]
    [InlineData("{\"label\":\"\\ud800\"}", 400)]
    [InlineData("{\"label\":\"a\",\"docs_url\":\"ftp://x\"}", 400)]
    [InlineData("{\"label\":\"a\",\"data_residency_region\":\"MARS\"}", 400)]
    [InlineData("{\"label\":\"a\",\"provider_metadata\":\"aem\"}", 400)]
    [InlineData("{\"label\":\"a\",\"provider_metadata\":\"nope\",\"instance_id\":\"x\"}", 404)]
    [InlineData("{\"label\":\"a\",\"provider_metadata\":\"creative_cloud_libraries\",\"instance_id\":\"x\"}", 403)]
    public async Task Wrong_bodies_are_refused(string body, int status)
    {
        await using var server = await EventsServer.StartAsync();
        var answer = await server.SendAsync(HttpMethod.Post, server.Workspace + "/providers", body);
        Assert.Equal(status, (int)answer.Status);
        Assert.NotEmpty(answer.Body.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("[{\"op\":\"explode\",\"path\":\"/label\"}]")]
    [InlineData("[{\"op\":\"replace\",\"path\":\"/nope/x\",\"value\":1}]")]
    [InlineData("[{\"op\":\"replace\",\"path\":\"/label\",\"value\":7}]")]
    [InlineData("[{\"op\":\"replace\",\"path\":\"/label\"}]")]
    [InlineData("[{\"op\":\"remove\",\"path\":\"/label\"}]")]
    [InlineData("[{\"op\":\"remove\",\"path\":\"\"}]")]
    [InlineData("[{\"op\":\"replace\",\"path\":\"\",\"value\":null}]")]
    [InlineData("[{\"op\":\"test\",\"path\":\"/label\",\"value\":\"Other\"}]")]
    [InlineData("[{\"op\":\"move\",\"path\":\"/label\"}]")]
    [InlineData("[null]")]
    [InlineData("nonsense")]
    public async Task Wrong_patches_are_refused(string patch)
    {
        await using var server = await EventsServer.StartAsync();
        var path = $"{server.Workspace}/providers/{await server.CreateProviderAsync()}";
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Patch, path, patch, "application/json-patch+json")).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await server.SendAsync(HttpMethod.Patch, path, patch, "text/plain")).Status);
    }

    [Fact]
    public async Task Another_organization_neither_sees_nor_changes_it()
    {
        await using var server = await EventsServer.StartAsync();
        var id = await server.CreateProviderAsync("a");
        var stranger = await server.CreateStrangerAsync();
        using var other = await server.SignInAsync(stranger);
        var home = $"/events/{stranger.Workspace.OrganizationId}/{stranger.Workspace.ProjectId}/{stranger.Workspace.WorkspaceId}";

        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync($"/events/providers/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await other.DeleteAsync($"{home}/providers/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync($"/events/{server.Home.Workspace.OrganizationId}/providers")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"{home.Replace(stranger.Workspace.ProjectId.Value, "7", StringComparison.Ordinal)}/registrations")).StatusCode);
    }

    [Fact]
    public async Task Lists_are_filtered()
    {
        await using var server = await EventsServer.StartAsync();
        await server.CreateProviderAsync("a");
        await server.SendAsync(HttpMethod.Post, server.Workspace + "/providers", """{"label":"Aem","provider_metadata":"aem","instance_id":"i1"}""");
        var path = $"/events/{server.Home.Workspace.OrganizationId}/providers";

        async Task<int> CountAsync(string query) =>
            (await server.SendAsync(HttpMethod.Get, path + query)).Body.GetProperty("_embedded").GetProperty("providers").GetArrayLength();

        Assert.Equal(2, await CountAsync(""));
        Assert.Equal(1, await CountAsync("?providerMetadataId=aem&instanceId=i1"));
        Assert.Equal(2, await CountAsync("?providerMetadataIds=aem&providerMetadataIds=3rd_party_custom_events"));
        Assert.Equal(1, await CountAsync("?providerMetadataIds=aem,acs"));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Get, path + "?providerMetadataId=aem&providerMetadataIds=aem")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, path + "?providerMetadataId=nope")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, path + "?instanceId=nope")).Status);
        Assert.Equal(6, (await server.SendAsync(HttpMethod.Get, "/events/providermetadata")).Body.GetProperty("_embedded").GetProperty("providermetadata").GetArrayLength());
    }
}
