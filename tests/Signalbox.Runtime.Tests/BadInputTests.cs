using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Signalbox.Runtime.Tests;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("actions?limit=51", "The value '51' is not in the range of 0 to 50 for actions.")]
    [InlineData("actions?limit=x", "The value 'x' is not an integer for actions.")]
    [InlineData("packages?skip=-1", "The value '-1' is not greater than or equal to 0 for packages.")]
    [InlineData("activations?docs=true&count=true", "The parameter 'docs' is not permitted with 'count'.")]
    [InlineData("activations?since=xxx", "Parameter is not a valid value for epoch seconds: xxx")]
    [InlineData("activations/0123", "Activation id length is 4 but must be 32.")]
    [InlineData("activations/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "The activation id is not valid.")]
    [InlineData("actions/%20x", "The name of the entity contains illegal characters.")]
    [InlineData("limits/x", "Inner entity level routes for limits are not yet implemented.")]
    public async Task A_wrong_question_is_told_what_is_wrong(string path, string error)
    {
        await using var server = await RuntimeServer.StartAsync();

        await (await server.Guest.GetPathAsync(path)).AssertErrorAsync(400, error);
    }

    [Theory]
    [InlineData("actions/a", "{", "The request content was malformed:\n*")]
    [InlineData("actions/a", "[]", "The request content was malformed:\nObject expected, found Array")]
    [InlineData("actions/a", "{}", "exec undefined")]
    [InlineData("actions/a", """{"exec":5}""", "The request content was malformed:\n*")]
    [InlineData("actions/a", """{"exec":{"kind":"cobol","code":""}}""", "The request content was malformed:\nThe specified runtime 'cobol' is not supported by this platform. Valid values are: 'nodejs:20', 'nodejs:18', 'python:3', 'dotnet:10'.")]
    [InlineData("actions/a", """{"exec":{"kind":"swift:default","code":""}}""", "The request content was malformed:\nThe specified runtime 'swift:default' is not supported by this platform. Valid values are: 'nodejs:20', 'nodejs:18', 'python:3', 'dotnet:10'. To have 'swift:5': install swift.")]
    [InlineData("actions/a", """{"exec":{"kind":"dotnet:10","code":"UEsDBAAA"}}""", "The request content was malformed:\n'main' must be a string defined in 'exec' for 'dotnet:10' actions")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:10","code":""}}""", "The 'nodejs:10' runtime is no longer supported. You may read and delete but not update or invoke this action.")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:20"}}""", "The request content was malformed:\n*")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:20","code":"\u0000"}}""", "The request content was malformed:\n*")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:20","code":""},"parameters":{}}""", "The request content was malformed:\n*")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:20","code":""},"annotations":[{"value":1}]}""", "The request content was malformed:\n*")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:20","code":""},"limits":{"timeout":"x"}}""", "The request content was malformed:\n*")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:20","code":""},"limits":{"memory":4097}}""", "The request content was malformed:\nmemory size 4097 MB exceeds allowed threshold of 4096 MB")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:20","code":""},"version":"x"}""", "The request content was malformed:\n*")]
    [InlineData("actions/a", """{"exec":{"kind":"nodejs:20","code":""},"publish":"x"}""", "The request content was malformed:\n*")]
    [InlineData("packages/p", """{"binding":{"namespace":"x"}}""", "The request content was malformed:\n*")]
    [InlineData("packages/p", """{"binding":7}""", "The request content was malformed:\n*")]
    [InlineData("packages/p", """{"parameters":7}""", "The request content was malformed:\n*")]
    public async Task A_wrong_body_is_told_what_is_wrong(string path, string body, string error)
    {
        await using var server = await RuntimeServer.StartAsync();

        var response = await server.Guest.PutJsonAsync(path, body);

        var text = (await response.ReadAsync(400)).GetProperty("error").GetString()!;
        if (error.EndsWith('*'))
        {
            Assert.StartsWith(error[..^1], text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(error, text);
        }
    }

    [Theory]
    [InlineData("""[1]""", "application/json", 400)]
    [InlineData("""{"a":}""", "application/json", 400)]
    [InlineData("""{} {}""", "application/json", 400)]
    [InlineData("""{"a":1}""", "text/plain", 415)]
    [InlineData("""{"a":1}""", "application/x-www-form-urlencoded", 415)]
    public async Task A_wrong_payload_is_refused(string body, string contentType, int status)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("a", "echo");

        var response = await server.Guest.PostAsync(
            new Uri("/api/v1/namespaces/_/actions/a", UriKind.Relative), new StringContent(body, Encoding.UTF8, contentType));

        await response.ReadAsync(status);
        Assert.Empty(server.Sandbox.Runs);
    }

    /// <summary>JavaScript writes such texts; they must not become an error of this server.</summary>
    [Theory]
    [InlineData("""{"a":"\ud800"}""", """{"a":"\ufffd"}""")]
    [InlineData("""{"\uDFFFa":1}""", """{"\ufffda":1}""")]
    [InlineData("""{"a":"\ud83d\ude00 \\ud800"}""", """{"a":"\ud83d\ude00 \\ud800"}""")]
    [InlineData("""{"a":"\ud83d\ud83d\ude00"}""", """{"a":"\ufffd\ud83d\ude00"}""")]
    public async Task Half_of_a_surrogate_pair_is_replaced(string sent, string seen)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "echo", annotations: """[{"key":"web-export","value":true}]""");
        await server.Guest.CreateActionAsync("answer", "json:" + sent, annotations: """[{"key":"web-export","value":true}]""");

        await (await server.Guest.PutJsonAsync("actions/code", $$"""{"exec":{"kind":"nodejs:20","code":{{JsonSerializer.Serialize(sent)}}},"parameters":[{"key":"p","value":{{sent}}}]}"""))
            .ReadAsync(200);
        var invoked = await server.Guest.PostAsync(
            new Uri("/api/v1/namespaces/_/actions/web?blocking=true&result=true", UriKind.Relative), Body());
        var merged = await (await server.Nobody.PostAsync(new Uri("/api/v1/web/guest/default/web.json", UriKind.Relative), Body())).ReadAsync(200);
        var answered = await (await server.Nobody.GetAsync(new Uri("/api/v1/web/guest/default/answer.json", UriKind.Relative))).ReadAsync(200);

        Assert.Equal(seen, await invoked.Content.ReadAsStringAsync());
        var expected = JsonDocument.Parse(seen).RootElement.EnumerateObject().Single();
        Assert.True(JsonElement.DeepEquals(expected.Value, merged.GetProperty(expected.Name)));
        Assert.True(JsonElement.DeepEquals(expected.Value, answered.GetProperty(expected.Name)));

        StringContent Body() => new(sent, Encoding.UTF8, "application/json");
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("a", "echo");
        var body = new ByteArrayContent([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        await (await server.Guest.PostAsync(new Uri("/api/v1/namespaces/_/actions/a", UriKind.Relative), body)).ReadAsync(400);
    }

    [Fact]
    public async Task What_is_too_large_is_refused()
    {
        await using var server = await RuntimeServer.StartAsync(configure: options => options with { CodeBytesMax = 100 });
        await server.Guest.CreateActionAsync("a", "echo");

        await (await server.Guest.PostJsonAsync("actions/a", "{\"x\":\"" + new string('x', 1024 * 1024) + "\"}")).AssertErrorAsync(
            413, "Request larger than allowed: 1048584 > 1048576 bytes.");
        await (await server.Guest.PutJsonAsync("actions/b", "{\"exec\":{\"kind\":\"nodejs\",\"code\":\"" + new string('x', 101) + "\"}}")).AssertErrorAsync(
            413, "exec larger than allowed: 101 > 100 bytes.");
    }

    [Theory]
    [InlineData("POST", "/api/v1/namespaces", 405)]
    [InlineData("POST", "/api/v1/namespaces/_/packages/p", 405)]
    [InlineData("PATCH", "/api/v1/namespaces/_/actions/a", 405)]
    [InlineData("DELETE", "/api/v1/namespaces/_/activations/0123456789abcdef0123456789abcdef", 405)]
    [InlineData("GET", "/api/v1/namespaces/_", 404)]
    [InlineData("GET", "/api/v1/nothing", 404)]
    [InlineData("GET", "/api/v1/namespaces/_/activations/0123456789abcdef0123456789abcdef/bogus", 404)]
    [InlineData("PUT", "/api/v1/namespaces/_/triggers/t", 501)]
    [InlineData("PUT", "/api/v1/namespaces/_/rules/r", 501)]
    public async Task Unknown_routes_and_methods_are_answered_with_an_error_body(string method, string path, int status)
    {
        await using var server = await RuntimeServer.StartAsync();

        var response = await server.Guest.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.True((await response.ReadAsync(status)).TryGetProperty("code", out _));
    }

    [Fact]
    public async Task Credentials_are_asked_for()
    {
        await using var server = await RuntimeServer.StartAsync();
        var uri = new Uri("/api/v1/namespaces", UriKind.Relative);

        var none = await server.Nobody.GetAsync(uri);
        await none.AssertErrorAsync(401, "The resource requires authentication, which was not supplied with the request");
        Assert.Equal("Basic realm=\"OpenWhisk secure realm\"", none.Headers.WwwAuthenticate.ToString());
        foreach (var header in (string[])["Basic", "Basic !!!", "Bearer x", "Basic " + Convert.ToBase64String("x:y"u8)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.TryAddWithoutValidation("Authorization", header);
            await (await server.Nobody.SendAsync(request)).AssertErrorAsync(401, "The supplied authentication is invalid");
        }
    }

    [Fact]
    public async Task What_clients_ask_first_is_answered()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("a", "echo");
        await (await server.Guest.PutJsonAsync("packages/p", "{}")).ReadAsync(200);
        await server.Guest.CreateActionAsync("p/b", "echo");

        var root = await (await server.Nobody.GetAsync(new Uri("/", UriKind.Relative))).ReadAsync(200);
        Assert.Equal("nodejs:20", root.GetProperty("runtimes").GetProperty("nodejs")[0].GetProperty("kind").GetString());
        Assert.Equal("python:3", root.GetProperty("runtimes").GetProperty("python")[0].GetProperty("kind").GetString());
        Assert.False(root.GetProperty("runtimes").TryGetProperty("swift", out _));
        // aio deploys only kinds that it finds in this list.
        Assert.Contains("python:3", root.GetProperty("runtimes").GetProperty("nodejs").EnumerateArray().Select(kind => kind.GetProperty("kind").GetString()));
        Assert.Equal("v1", (await (await server.Nobody.GetAsync(new Uri("/api/v1", UriKind.Relative))).ReadAsync(200)).GetProperty("api_version_path").GetString());
        Assert.Equal("""["guest"]""", (await (await server.Guest.GetAsync(new Uri("/runtime/api/v1/namespaces", UriKind.Relative))).ReadAsync(200)).GetRawText());
        Assert.Equal("""{"adobe_io_runtime":{}}""", (await (await server.Guest.GetAsync(new Uri("/runtime/namespaces/guest/logForwarding", UriKind.Relative))).ReadAsync(200)).GetRawText());
        Assert.Equal("[]", (await (await server.Guest.GetPathAsync("triggers?limit=30")).ReadAsync(200)).GetRawText());
        Assert.Equal("""{"rules":0}""", (await (await server.Guest.GetPathAsync("rules?count=true")).ReadAsync(200)).GetRawText());
        Assert.Equal(6000, (await (await server.Guest.GetPathAsync("limits")).ReadAsync(200)).GetProperty("invocationsPerMinute").GetInt32());
        await (await server.Guest.DeleteAsync(new Uri("/api/v1/namespaces/guest%2Fp/actions/b", UriKind.Relative))).ReadAsync(200);
        using var options = new HttpRequestMessage(HttpMethod.Options, "/api/v1/namespaces/none/actions/none");
        var allowed = await server.Nobody.SendAsync(options);
        Assert.Equal(200, (int)allowed.StatusCode);
        Assert.Equal("*", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using var named = new HttpRequestMessage(HttpMethod.Get, "/api/v1/namespaces/_/actions/none") { Headers = { { "X-Request-ID", "mine" } } };
        Assert.Equal("mine", (await (await server.Guest.SendAsync(named)).ReadAsync(404)).GetProperty("code").GetString());
    }
}
