using System.Text.Json;
using Signalbox.Testing;

namespace Signalbox.Runtime.Tests;

public sealed class EntityTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task An_action_can_be_created_read_updated_listed_and_deleted(TestEngine engine)
    {
        await using var server = await RuntimeServer.StartAsync(engine);

        var created = await (await server.Guest.PutJsonAsync(
            "actions/hello", """{"name":"other","exec":{"kind":"nodejs:default","code":"x()"},"parameters":[{"key":"a","value":1.50}],"annotations":[{"key":"b","value":2}]}""")).ReadAsync(200);

        Assert.Equal("guest", created.GetProperty("namespace").GetString());
        Assert.Equal("hello", created.GetProperty("name").GetString());
        Assert.Equal("0.0.1", created.GetProperty("version").GetString());
        Assert.Equal("""{"kind":"nodejs:20","code":"x()","binary":false}""", created.GetProperty("exec").GetRawText());
        Assert.Equal("""[{"key":"a","value":1.50}]""", created.GetProperty("parameters").GetRawText());
        Assert.Equal("""{"timeout":60000,"memory":256,"logs":10,"concurrency":200}""", created.GetProperty("limits").GetRawText());
        Assert.Equal(
            ["b=2", "provide-api-key=False", "exec=nodejs:20"],
            created.GetProperty("annotations").EnumerateArray().Select(a => $"{a.GetProperty("key")}={a.GetProperty("value")}"));
        await (await server.Guest.PutJsonAsync("actions/hello", "{}")).AssertErrorAsync(409, "resource already exists");

        var updated = await (await server.Guest.PutJsonAsync(
            "actions/hello?overwrite=true", """{"annotations":[{"key":"c","value":3}],"delAnnotations":["b"],"limits":{"memory":512}}""")).ReadAsync(200);

        Assert.Equal("0.0.2", updated.GetProperty("version").GetString());
        Assert.Equal("x()", updated.GetProperty("exec").GetProperty("code").GetString());
        Assert.Equal(512, updated.GetProperty("limits").GetProperty("memory").GetInt32());
        Assert.Equal(60000, updated.GetProperty("limits").GetProperty("timeout").GetInt32());
        Assert.DoesNotContain("\"b\"", updated.GetProperty("annotations").GetRawText(), StringComparison.Ordinal);
        var withoutCode = await (await server.Guest.GetPathAsync("actions/hello?code=false")).ReadAsync(200);
        Assert.Equal("""{"kind":"nodejs:20","binary":false}""", withoutCode.GetProperty("exec").GetRawText());
        var list = await (await server.Guest.GetPathAsync("actions/?limit=0")).ReadAsync(200);
        Assert.Equal("""{"binary":false}""", Assert.Single(list.EnumerateArray()).GetProperty("exec").GetRawText());
        Assert.Equal("""{"actions":1}""", (await (await server.Guest.GetPathAsync("actions?count=true")).ReadAsync(200)).GetRawText());

        await (await server.Guest.DeletePathAsync("actions/hello")).ReadAsync(200);
        await (await server.Guest.GetPathAsync("actions/hello")).AssertErrorAsync(404, "The requested resource does not exist.");
        await (await server.Guest.DeletePathAsync("actions/hello")).AssertErrorAsync(404, "The requested resource does not exist.");
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Packages_hold_actions_and_are_bound(TestEngine engine)
    {
        await using var server = await RuntimeServer.StartAsync(engine);
        await (await server.Guest.PutJsonAsync("packages/p", """{"publish":true}""")).ReadAsync(200);
        await server.Guest.CreateActionAsync("p/a", "echo");

        var bound = await (await server.Other.PutJsonAsync("packages/b", """{"binding":{"namespace":"guest","name":"p"}}""")).ReadAsync(200);

        Assert.Equal("""{"namespace":"guest","name":"p"}""", bound.GetProperty("binding").GetRawText());
        var shown = await (await server.Other.GetPathAsync("packages/b")).ReadAsync(200);
        Assert.Equal("a", Assert.Single(shown.GetProperty("actions").EnumerateArray()).GetProperty("name").GetString());
        var record = await (await server.Other.PostJsonAsync("actions/b/a?blocking=true")).ReadAsync(200);
        Assert.Equal("other", record.GetProperty("namespace").GetString());
        Assert.Contains("\"other/b\"", record.GetProperty("annotations").GetRawText(), StringComparison.Ordinal);
        var list = await (await server.Other.GetPathAsync("packages")).ReadAsync(200);
        Assert.Equal(JsonValueKind.Object, list[0].GetProperty("binding").ValueKind);
        Assert.Equal(JsonValueKind.False, (await (await server.Guest.GetPathAsync("packages")).ReadAsync(200))[0].GetProperty("binding").ValueKind);
        var content = await (await server.Guest.GetPathAsync("actions/p/")).ReadAsync(200);
        Assert.Equal("guest/p", content[0].GetProperty("namespace").GetString());

        await (await server.Other.PutJsonAsync("actions/b/new", """{"exec":{"kind":"nodejs","code":""}}""")).AssertErrorAsync(400, "Operation not permitted on package binding.");
        await (await server.Other.PutJsonAsync("packages/c", """{"binding":{"namespace":"other","name":"b"}}""")).AssertErrorAsync(400, "Cannot bind to another package binding.");
        await (await server.Other.PutJsonAsync("packages/c", """{"binding":{"namespace":"other","name":"x"}}""")).AssertErrorAsync(400, "Binding references a package that does not exist.");
        await (await server.Guest.PutJsonAsync("packages/p?overwrite=true", """{"binding":{"namespace":"guest","name":"p"}}""")).AssertErrorAsync(409, "Resource is a package and cannot be converted into a binding.");
        await (await server.Guest.PutJsonAsync("packages/default", "{}")).AssertErrorAsync(400, "Package name 'default' is reserved.");
        await (await server.Guest.GetPathAsync("actions/p")).AssertErrorAsync(409, "Resource by this name exists but is not in this collection.");
        await (await server.Guest.GetPathAsync("packages/x")).AssertErrorAsync(404, "The requested resource 'guest/x' does not exist.");
        await (await server.Guest.DeletePathAsync("packages/p")).AssertErrorAsync(409, "Package not empty (contains 1 entity). Set force param or delete package contents.");
        await (await server.Guest.DeletePathAsync("packages/p?force=true")).ReadAsync(200);
        await (await server.Other.PostJsonAsync("actions/b/a")).AssertErrorAsync(404, "The requested resource does not exist.");
    }

    [Fact]
    public async Task Another_namespace_sees_and_changes_only_what_is_published()
    {
        await using var server = await RuntimeServer.StartAsync();
        await (await server.Guest.PutJsonAsync("packages/secret", "{}")).ReadAsync(200);
        await server.Guest.CreateActionAsync("secret/a", "echo");
        await server.Guest.CreateActionAsync("plain", "echo");

        foreach (var path in (string[])["actions/plain", "actions/secret/a", "actions/nothing", "packages/secret", "packages/nothing"])
        {
            var response = await server.Other.GetAsync(new Uri("/api/v1/namespaces/guest/" + path, UriKind.Relative));
            await response.AssertErrorAsync(
                403, $"The supplied authentication is not authorized to access 'guest/{path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..]}'.");
        }

        foreach (var list in (string[])["actions", "triggers", "rules", "activations", "limits"])
        {
            await (await server.Other.GetAsync(new Uri($"/api/v1/namespaces/guest/{list}", UriKind.Relative))).ReadAsync(403);
        }

        var packages = await (await server.Other.GetAsync(new Uri("/api/v1/namespaces/guest/packages", UriKind.Relative))).ReadAsync(200);
        Assert.Equal(0, packages.GetArrayLength());
    }

    [Fact]
    public async Task Default_parameters_are_not_readable_in_the_database()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, RuntimeRoom.Migrations);
        var store = new Entities.EntityStore(test.Database, test.Secrets);
        var name = new Entities.EntityName("guest", null, "p");
        var package = new Packages.PackageEntity
        {
            Name = name,
            Parameters = Entities.ParameterList.Empty.With("password", "open sesame"),
        };
        await test.Database.WriteAsync(session => store.Insert(session, package));

        var stored = await test.Database.WriteAsync(session => session.ScalarPrepared<string>("SELECT parameters FROM runtime_entities"));

        Assert.DoesNotContain("sesame", stored, StringComparison.Ordinal);
        Assert.Equal("open sesame", (await store.FindAsync(name, default))!.Parameters.FindText("password"));
    }

    [Fact]
    public async Task An_updated_action_runs_its_new_code_at_once()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("a", "json:{\"v\":1}");
        await (await server.Guest.PostJsonAsync("actions/a?blocking=true")).ReadAsync(200);
        await server.Guest.CreateActionAsync("a", "json:{\"v\":2}");

        var result = await (await server.Guest.PostJsonAsync("actions/a?blocking=true&result=true")).ReadAsync(200);

        Assert.Equal(2, result.GetProperty("v").GetInt32());
        Assert.Equal(2, server.Sandbox.Runs.Select(run => run.Action.Id).Distinct().Count());
    }

    [Fact]
    public async Task System_actions_are_public_and_nobodys_to_change()
    {
        await using var server = await RuntimeServer.StartAsync();

        var shown = await (await server.Guest.GetAsync(new Uri("/api/v1/namespaces/whisk.system/packages/utils", UriKind.Relative))).ReadAsync(200);
        var result = await (await server.Guest.PostAsync(
            new Uri("/api/v1/namespaces/whisk.system/actions/utils/echo?blocking=true&result=true", UriKind.Relative),
            new StringContent("""{"x":1}""", System.Text.Encoding.UTF8, "application/json"))).ReadAsync(200);
        var deletion = await server.Guest.DeleteAsync(new Uri("/api/v1/namespaces/whisk.system/actions/utils/echo", UriKind.Relative));

        Assert.Equal("echo", shown.GetProperty("actions")[0].GetProperty("name").GetString());
        Assert.Equal("""{"x":1}""", result.GetRawText());
        Assert.Equal(403, (int)deletion.StatusCode);
    }

    [Fact]
    public async Task Activation_records_are_deleted_after_their_retention()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("a", "echo");
        await (await server.Guest.PostJsonAsync("actions/a?blocking=true")).ReadAsync(200);
        await (await server.Guest.GetPathAsync("activations")).ReadAsync(200);
        var retention = (Activations.ActivationRetention)server.Services.GetService(typeof(Activations.ActivationRetention))!;

        server.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(0, await retention.DeleteExpiredAsync(default));
        server.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await retention.DeleteExpiredAsync(default));
    }

    [Fact]
    public async Task Activations_are_filtered_by_name_and_time()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("a", "echo");
        await (await server.Guest.PutJsonAsync("packages/p", "{}")).ReadAsync(200);
        await server.Guest.CreateActionAsync("p/a", "echo");
        await (await server.Guest.PostJsonAsync("actions/a?blocking=true")).ReadAsync(200);
        var first = server.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await server.Guest.PostJsonAsync("actions/p/a?blocking=true")).ReadAsync(200);

        async Task<int> CountAsync(string query) =>
            (await (await server.Guest.GetPathAsync("activations?" + query)).ReadAsync(200)).GetArrayLength();

        Assert.Equal(2, await CountAsync("name=a"));
        Assert.Equal(1, await CountAsync("name=p/a"));
        Assert.Equal(1, await CountAsync($"since={first + 1}"));
        Assert.Equal(1, await CountAsync($"upto={first}"));
        Assert.Equal(1, await CountAsync("limit=1"));
        Assert.Equal(1, await CountAsync("skip=1"));
        var docs = await (await server.Guest.GetPathAsync("activations?docs=true")).ReadAsync(200);
        Assert.True(docs[0].TryGetProperty("response", out _));
    }
}
