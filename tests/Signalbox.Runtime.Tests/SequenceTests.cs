using System.Text.Json;

namespace Signalbox.Runtime.Tests;

public sealed class SequenceTests
{
    [Fact]
    public async Task Each_result_is_the_next_payload_and_the_record_lists_the_components()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("first", "echo", """[{"key":"a","value":1}]""");
        await server.Guest.CreateActionAsync("second", "echo", """[{"key":"b","value":2}]""");
        await CreateSequenceAsync(server, "inner", "/_/second");
        var created = await CreateSequenceAsync(server, "outer", "/_/first", "/guest/inner");

        var record = await (await server.Guest.PostJsonAsync("actions/outer?blocking=true", """{"error":"does not stop it"}""")).ReadAsync(502);

        Assert.Equal("""["/guest/first","/guest/inner"]""", created.GetProperty("parameters")[0].GetProperty("value").GetRawText());
        // The first component echoes the payload's "error", which is then a failed component.
        var ids = record.GetProperty("logs").EnumerateArray().Select(id => id.GetString()).ToArray();
        Assert.Single(ids);
        record = await (await server.Guest.PostJsonAsync("actions/outer?blocking=true", """{"c":3}""")).ReadAsync(200);
        ids = [.. record.GetProperty("logs").EnumerateArray().Select(id => id.GetString())];
        Assert.Equal(2, ids.Length);
        Assert.Equal("""{"b":2,"a":1,"c":3}""", record.GetProperty("response").GetProperty("result").GetRawText());
        Assert.Contains("""{"key":"topmost","value":true}""", record.GetProperty("annotations").GetRawText(), StringComparison.Ordinal);
        var inner = await (await server.Guest.GetPathAsync($"activations/{ids[1]}")).ReadAsync(200);
        Assert.Equal(record.GetProperty("activationId").GetString(), inner.GetProperty("cause").GetString());
        Assert.Contains("""{"key":"causedBy","value":"sequence"}""", inner.GetProperty("annotations").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(1, inner.GetProperty("logs").GetArrayLength());
    }

    [Fact]
    public async Task The_first_failure_is_the_sequences_own()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("crash", "RunCrashed");
        await server.Guest.CreateActionAsync("never", "echo");
        await CreateSequenceAsync(server, "s", "/_/crash", "/_/never");

        var record = await (await server.Guest.PostJsonAsync("actions/s?blocking=true")).ReadAsync(502);

        Assert.Equal("action developer error", record.GetProperty("response").GetProperty("status").GetString());
        Assert.Single(server.Sandbox.Runs);
        await (await server.Guest.DeletePathAsync("actions/crash")).ReadAsync(200);
        var missing = await (await server.Guest.PostJsonAsync("actions/s?blocking=true&result=true")).ReadAsync(502);
        Assert.Equal("Sequence component does not exist.", missing.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_sequence_that_cannot_run_is_refused()
    {
        await using var server = await RuntimeServer.StartAsync(configure: options => options with { SequenceLengthMax = 3 });
        await server.Guest.CreateActionAsync("a", "echo");
        await CreateSequenceAsync(server, "two", "/_/a", "/_/a");

        await Put("s", "[]").AssertErrorAsync(400, "No component specified for the sequence.");
        await Put("s", """["/_/x"]""").AssertErrorAsync(400, "Sequence component does not exist.");
        await Put("s", """["/_/s"]""").AssertErrorAsync(400, "Sequence may not refer to itself.");
        await Put("s", """["/_/two","/_/two"]""").AssertErrorAsync(400, "Too many actions in the sequence.");
        await Put("two", """["/_/a","/_/two"]""").AssertErrorAsync(400, "Sequence may not refer to itself.");
        await Put("s", """["a"]""").AssertErrorAsync(
            400,
            "The request content was malformed:\nrequirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.");
        await Put("s", "null").AssertErrorAsync(400, "The request content was malformed:\n'components' must be defined for sequence kind");

        Response Put(string name, string components) => new(server.Guest.PutJsonAsync(
            $"actions/{name}?overwrite=true", "{\"exec\":{\"kind\":\"sequence\",\"components\":" + components + "}}"));
    }

    private static async Task<JsonElement> CreateSequenceAsync(RuntimeServer server, string name, params string[] components) =>
        await (await server.Guest.PutJsonAsync(
            $"actions/{name}", "{\"exec\":{\"kind\":\"sequence\",\"components\":" + JsonSerializer.Serialize(components) + "}}")).ReadAsync(200);

    private sealed record Response(Task<HttpResponseMessage> Message)
    {
        public async Task AssertErrorAsync(int status, string error) => await (await Message).AssertErrorAsync(status, error);
    }
}
