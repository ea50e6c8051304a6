using System.Text.Json;
using Signalbox.Testing;

namespace Signalbox.Runtime.Tests;

public sealed class InvokeTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_blocking_invocation_answers_the_record_and_its_activation_can_be_read(TestEngine engine)
    {
        await using var server = await RuntimeServer.StartAsync(engine);
        await server.Guest.CreateActionAsync("hello", "log");

        var response = await server.Guest.PostJsonAsync("actions/hello?blocking=true", """{"name":"Bob"}""");
        var record = await response.ReadAsync(200);

        var id = record.GetProperty("activationId").GetString();
        Assert.Equal(id, response.Headers.GetValues("x-openwhisk-activation-id").Single());
        Assert.Equal(0, record.GetProperty("logs").GetArrayLength());
        Assert.Equal("success", record.GetProperty("response").GetProperty("status").GetString());
        var stored = await (await server.Guest.GetPathAsync($"activations/{id}")).ReadAsync(200);
        Assert.Equal("guest", stored.GetProperty("namespace").GetString());
        Assert.Equal(
            ["2026-01-01T00:00:00.0000000Z   stdout: hi", "2026-01-01T00:00:00.0000000Z   stderr: oh"],
            stored.GetProperty("logs").EnumerateArray().Select(line => line.GetString()));
        Assert.Equal("guest/hello", Annotation(stored, "path").GetString());
        Assert.Equal(40, Annotation(stored, "initTime").GetInt32());
        var logs = await (await server.Guest.GetPathAsync($"activations/{id}/logs")).ReadAsync(200);
        Assert.Equal(2, logs.GetProperty("logs").GetArrayLength());
        var result = await (await server.Guest.GetPathAsync($"activations/{id}/result")).ReadAsync(200);
        Assert.Equal("{}", result.GetProperty("result").GetRawText());
        var list = await (await server.Guest.GetPathAsync("activations")).ReadAsync(200);
        Assert.Equal(id, Assert.Single(list.EnumerateArray()).GetProperty("activationId").GetString());
    }

    [Fact]
    public async Task Arguments_are_package_below_binding_below_action_below_payload()
    {
        await using var server = await RuntimeServer.StartAsync();
        await (await server.Guest.PutJsonAsync("packages/p", """{"parameters":[{"key":"a","value":"p"},{"key":"b","value":"p"},{"key":"c","value":"p"},{"key":"d","value":"p"}]}""")).ReadAsync(200);
        await server.Guest.CreateActionAsync("p/echo", "echo", """[{"key":"c","value":"action"},{"key":"d","value":"action"}]""");
        await (await server.Guest.PutJsonAsync("packages/bound", """{"binding":{"namespace":"_","name":"p"},"parameters":[{"key":"b","value":"binding"},{"key":"c","value":"binding"},{"key":"d","value":"binding"}]}""")).ReadAsync(200);

        var result = await (await server.Guest.PostJsonAsync(
            "actions/bound/echo?blocking=true&result=true", """ {"d": "payload", "n": 1.10e400} """)).ReadAsync(200);

        Assert.Equal("p", result.GetProperty("a").GetString());
        Assert.Equal("binding", result.GetProperty("b").GetString());
        Assert.Equal("action", result.GetProperty("c").GetString());
        Assert.Equal("payload", result.GetProperty("d").GetString());
        Assert.Equal("1.10e400", result.GetProperty("n").GetRawText());
        Assert.Equal(5, result.EnumerateObject().Count());
    }

    [Fact]
    public async Task A_non_blocking_invocation_is_answered_at_once_and_recorded_when_it_ends()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("slow", "gate");

        var accepted = await (await server.Guest.PostJsonAsync("actions/slow?result=true")).ReadAsync(202);

        var id = accepted.GetProperty("activationId").GetString();
        await (await server.Guest.GetPathAsync($"activations/{id}")).AssertErrorAsync(404, "The requested resource does not exist.");
        server.Sandbox.Gate.SetResult();
        await Eventually.HoldsAsync(async () => (int)(await server.Guest.GetPathAsync($"activations/{id}")).StatusCode == 200);
    }

    [Fact]
    public async Task A_blocking_wait_that_takes_too_long_is_answered_202()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("slow", "gate");

        var waiting = server.Guest.PostJsonAsync("actions/slow?blocking=true&timeout=5000");
        await Eventually.HoldsAsync(() => Task.FromResult(!server.Sandbox.Runs.IsEmpty));
        await Eventually.HoldsAsync(() =>
        {
            server.Clock.Advance(TimeSpan.FromSeconds(5));
            return Task.FromResult(waiting.IsCompleted);
        });

        var body = await (await waiting).ReadAsync(202);
        Assert.Equal(["activationId"], body.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("LoadFailed:Initialization has failed due to: SyntaxError", 502, 2, "Initialization has failed due to: SyntaxError")]
    [InlineData("LoadCrashed", 502, 2, "The action did not initialize and exited unexpectedly.")]
    [InlineData("LoadTimedOut", 502, 2, "The action exceeded its time limits of 60000 milliseconds during initialization.")]
    [InlineData("RunFailed:An error has occurred: Error: x", 502, 2, "An error has occurred: Error: x")]
    [InlineData("RunCrashed", 502, 2, "The action did not produce a valid response and exited unexpectedly.")]
    [InlineData("RunTimedOut", 502, 2, "The action exceeded its time limits of 60000 milliseconds.")]
    [InlineData("OutOfMemory", 502, 2, "The action exhausted its memory and was aborted.")]
    [InlineData("NotProvisioned", 500, 3, "Failed to provision resources to run the action.")]
    [InlineData("json:null", 502, 2, "The action did not produce a valid JSON or JSON Array response: null")]
    [InlineData("json:{\"a\":1,\"error\":\"bad\"}", 502, 1, "bad")]
    public async Task Each_way_of_failing_has_its_class_and_text(string code, int status, int statusCode, string error)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("failing", code);

        var result = await (await server.Guest.PostJsonAsync("actions/failing?blocking=true&result=true")).ReadAsync(status);

        Assert.Equal(error, result.GetProperty("error").GetString());
        Assert.Single(result.EnumerateObject());
        var list = await (await server.Guest.GetPathAsync("activations")).ReadAsync(200);
        Assert.Equal(statusCode, list[0].GetProperty("statusCode").GetInt32());
        Assert.Equal(code.Contains("TimedOut", StringComparison.Ordinal), Annotation(list[0], "timeout").GetBoolean());
    }

    [Fact]
    public async Task When_all_sandboxes_are_taken_the_caller_is_told_to_come_back_and_the_record_says_why()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("crowded", "Overloaded");

        var response = await server.Guest.PostJsonAsync("actions/crowded?blocking=true");

        Assert.True(response.Headers.Contains("x-openwhisk-activation-id"));
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        var body = await response.ReadAsync(503);
        Assert.Equal(
            "The server is currently unavailable (because it is overloaded or down for maintenance).", body.GetProperty("error").GetString());
        var list = await (await server.Guest.GetPathAsync("activations")).ReadAsync(200);
        Assert.Equal(3, list[0].GetProperty("statusCode").GetInt32());
    }

    [Fact]
    public async Task A_result_that_is_too_large_is_an_application_error()
    {
        await using var server = await RuntimeServer.StartAsync(configure: options => options with { PayloadBytesMax = 5_000 });
        await server.Guest.CreateActionAsync("large", "json:{\"text\":\"" + new string('x', 6_000) + "\"}");

        var result = await (await server.Guest.PostJsonAsync("actions/large?blocking=true&result=true")).ReadAsync(502);

        Assert.StartsWith(
            "The action produced a response that exceeded the allowed length: 6011 > 5000 bytes. The truncated response was: {\"text\":\"xxx",
            result.GetProperty("error").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_array_is_answered_bare()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("list", "json:[1,2]");

        var result = await (await server.Guest.PostJsonAsync("actions/list?blocking=true")).ReadAsync(200);

        Assert.Equal("[1,2]", result.GetRawText());
    }

    [Fact]
    public async Task Init_parameters_go_into_the_environment_and_not_into_the_arguments()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("hello", "echo", """[{"key":"SECRET","value":{"a":1},"init":true},{"key":"x","value":1}]""");

        var result = await (await server.Guest.PostJsonAsync("actions/hello?blocking=true&result=true")).ReadAsync(200);

        Assert.Equal("""{"x":1}""", result.GetRawText());
        var (action, request) = Assert.Single(server.Sandbox.Runs);
        Assert.Equal("""{"a":1}""", action.Environment["SECRET"]);
        Assert.Equal("/guest/hello", action.Environment["__OW_ACTION_NAME"]);
        Assert.Equal("http://api.example", action.Environment["__OW_API_HOST"]);
        Assert.False(action.Environment.ContainsKey("__OW_API_KEY"));
        Assert.Equal("guest", request.Context["namespace"]);
    }

    [Fact]
    public async Task A_final_parameter_cannot_be_given_by_the_payload()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync(
            "fixed", "echo", """[{"key":"a","value":1},{"key":"b","value":null}]""", """[{"key":"final","value":true}]""");

        await (await server.Guest.PostJsonAsync("actions/fixed?blocking=true", """{"b":2}""")).ReadAsync(200);
        await (await server.Guest.PostJsonAsync("actions/fixed?blocking=true", """{"a":2}""")).AssertErrorAsync(
            400, "Request defines parameters that are not allowed (e.g., reserved properties).");
    }

    [Fact]
    public async Task The_throttles_count_the_minute_and_what_is_in_flight()
    {
        await using var server = await RuntimeServer.StartAsync(
            configure: options => options with { InvocationsPerMinute = 3, ConcurrentInvocations = 1 });
        await server.Guest.CreateActionAsync("slow", "gate");
        await server.Guest.CreateActionAsync("quick", "echo");

        await (await server.Guest.PostJsonAsync("actions/slow")).ReadAsync(202);
        var together = await server.Guest.PostJsonAsync("actions/quick");
        await together.AssertErrorAsync(429, "Too many concurrent requests in flight (count: 2, allowed: 1).");
        Assert.Equal(TimeSpan.FromSeconds(1), together.Headers.RetryAfter?.Delta);
        await (await server.Guest.PostJsonAsync("actions/quick")).ReadAsync(429);
        var fourth = await server.Guest.PostJsonAsync("actions/quick");
        await fourth.AssertErrorAsync(429, "Too many requests in the last minute (count: 4, allowed: 3).");
        Assert.Equal(TimeSpan.FromSeconds(60 - server.Clock.GetUtcNow().Second), fourth.Headers.RetryAfter?.Delta);
        server.Sandbox.Gate.SetResult();
        await Eventually.HoldsAsync(async () =>
        {
            // Asking counts too: each time has a minute of its own.
            server.Clock.Advance(TimeSpan.FromMinutes(1));
            return (int)(await server.Guest.PostJsonAsync("actions/quick")).StatusCode == 202;
        });
    }

    [Fact]
    public async Task Code_is_loaded_on_request_and_what_does_not_load_says_why_without_an_activation()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("good", "log");
        await server.Guest.CreateActionAsync("bad", "LoadFailed:Initialization has failed due to: line 3");
        await server.Guest.CreateActionAsync("full", "Overloaded");

        var good = await (await server.Guest.PostJsonAsync("load?action=good")).ReadAsync(200);
        var bad = await (await server.Guest.PostJsonAsync("load?action=bad")).ReadAsync(200);

        Assert.True(good.GetProperty("success").GetBoolean());
        Assert.Equal("2026-01-01T00:00:00.0000000Z   stdout: hi", good.GetProperty("logs")[0].GetString());
        Assert.False(bad.GetProperty("success").GetBoolean());
        Assert.Equal("Initialization has failed due to: line 3", bad.GetProperty("error").GetString());
        Assert.All(server.Sandbox.Runs, run => Assert.True(run.Request.LoadsOnly));
        await (await server.Guest.PostJsonAsync("load?action=full")).ReadAsync(503);
        await (await server.Guest.PostJsonAsync("load?action=none")).ReadAsync(404);
        await (await server.Guest.PostJsonAsync("load")).ReadAsync(400);
        await (await server.Guest.PostJsonAsync("load?action=/other/good")).ReadAsync(403);
        Assert.Equal(0, (await (await server.Guest.GetPathAsync("activations")).ReadAsync(200)).GetArrayLength());
    }

    private static JsonElement Annotation(JsonElement record, string key) =>
        record.GetProperty("annotations").EnumerateArray().Single(item => item.GetProperty("key").GetString() == key).GetProperty("value");
}
