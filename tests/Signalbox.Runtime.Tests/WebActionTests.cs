using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Runtime.WebActions;

namespace Signalbox.Runtime.Tests;

public sealed class WebActionTests
{
    private const string Web = """[{"key":"web-export","value":true},{"key":"final","value":true}]""";
    private const string RawHttp = """[{"key":"web-export","value":true},{"key":"raw-http","value":true}]""";

    [Theory]
    [InlineData("""{"body":"hi"}""", "", 200, "text/html; charset=UTF-8", "hi")]
    [InlineData("""{"body":{"a":1.0}}""", "", 200, "application/json", """{"a":1.0}""")]
    [InlineData("""{"statusCode":"201","headers":{"content-type":"text/plain"},"body":"hi"}""", "", 201, "text/plain", "hi")]
    [InlineData("""{"headers":{"Content-Type":"image/png"},"body":"aGk="}""", "", 200, "image/png", "hi")]
    [InlineData("""{"statusCode":444,"body":"x"}""", ".http", 444, "text/html; charset=UTF-8", "x")]
    [InlineData("""{"a":1}""", "", 204, null, "")]
    [InlineData("""{"a":1}""", ".json", 200, "application/json", "{\n  \"a\": 1\n}")]
    [InlineData("""{"html":"<p>"}""", ".html", 200, "text/html; charset=UTF-8", "<p>")]
    [InlineData("""{"svg":"<svg/>"}""", ".svg", 200, "image/svg+xml", "<svg/>")]
    [InlineData("""{"text":7}""", ".text", 200, "text/plain; charset=UTF-8", "7")]
    [InlineData("""{"error":{"statusCode":418,"body":"teapot"}}""", "", 418, "text/html; charset=UTF-8", "teapot")]
    public async Task A_result_becomes_a_response(string result, string extension, int status, string? contentType, string body)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "json:" + result, annotations: Web);

        var response = await server.Nobody.GetAsync(new Uri($"/api/v1/web/guest/default/web{extension}", UriKind.Relative));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType is null ? null : response.Content.Headers.GetValues("Content-Type").Single());
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
        Assert.Equal(32, response.Headers.GetValues("x-openwhisk-activation-id").Single().Length);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Theory]
    [InlineData("RunCrashed", "", 400, "There was an error processing your request.")]
    [InlineData("json:{\"statusCode\":\"x\"}", "", 400, "Response is not valid 'message/http'.")]
    [InlineData("json:{\"headers\":{\"a b\":\"c\"}}", "", 400, "Response is not valid 'message/http'.")]
    [InlineData("json:{\"headers\":{\"a\":\"c\\r\\nd\"}}", "", 400, "Response is not valid 'message/http'.")]
    [InlineData("json:{\"headers\":{\"content-type\":\"image/png\"},\"body\":\"?\"}", "", 400, "Response type in header did not match generated content type.")]
    [InlineData("json:{\"headers\":{\"content-type\":\"text/html\"},\"body\":{}}", "", 400, "Response type in header did not match generated content type.")]
    [InlineData("json:{\"headers\":{\"content-type\":\"nonsense\"},\"body\":\"x\"}", "", 400, "Response did not specify a known content-type.")]
    [InlineData("json:{}", ".html", 400, "Response is not valid 'text/html'.")]
    [InlineData("json:{}", ".text", 404, "Response does not include requested property.")]
    [InlineData("json:[1]", "", 400, "Response is not valid 'message/http'.")]
    public async Task A_result_that_is_no_response_is_an_error_of_four_lines(string code, string extension, int status, string error)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", code, annotations: Web);

        var response = await server.Nobody.GetAsync(new Uri($"/api/v1/web/guest/default/web{extension}", UriKind.Relative));

        await response.AssertErrorAsync(status, error);
        Assert.Equal(4, (await response.Content.ReadAsStringAsync()).Split('\n').Length);
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("CONNECT")]
    [InlineData("FOO")]
    public async Task Another_method_is_refused(string method)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "echo", annotations: Web);
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", server.Nobody.BaseAddress!.Port);
        await using var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} /api/v1/web/guest/default/web HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 405 ", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Empty(server.Sandbox.Runs);
    }

    [Fact]
    public async Task A_chunk_larger_than_any_can_be_is_the_callers_fault()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "echo", annotations: Web);
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", server.Nobody.BaseAddress!.Port);
        await using var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /api/v1/web/guest/default/web HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n"));

        Assert.StartsWith("HTTP/1.1 400 ", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Empty(server.Sandbox.Runs);
    }

    [Fact]
    public async Task Query_and_body_are_merged_into_the_arguments()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "echo", """[{"key":"d","value":1}]""", Web);

        var response = await server.Nobody.PostAsync(
            new Uri("/api/v1/web/guest/default/web.json/some/path?a=1&a=2&b=3", UriKind.Relative),
            new StringContent("""{"b":1.0}""", Encoding.UTF8, "application/json"));

        var seen = await response.ReadAsync(200);
        Assert.Equal("2", seen.GetProperty("a").GetString());
        Assert.Equal("1.0", seen.GetProperty("b").GetRawText());
        Assert.Equal(1, seen.GetProperty("d").GetInt32());
        Assert.Equal("post", seen.GetProperty("__ow_method").GetString());
        Assert.Equal("/some/path", seen.GetProperty("__ow_path").GetString());
        Assert.Equal("application/json; charset=utf-8", seen.GetProperty("__ow_headers").GetProperty("content-type").GetString());
        Assert.False(seen.TryGetProperty("__ow_user", out _));
        foreach (var query in (string[])["d=2", "__ow_user=me"])
        {
            await (await server.Nobody.GetAsync(new Uri("/api/v1/web/guest/default/web?" + query, UriKind.Relative))).AssertErrorAsync(
                400, "Request defines parameters that are not allowed (e.g., reserved properties).");
        }

        var list = await (await server.Nobody.PostAsync(
            new Uri("/api/v1/web/guest/default/web.json", UriKind.Relative), new StringContent("[1]", Encoding.UTF8, "application/json"))).ReadAsync(200);
        Assert.Equal("[1]", Compact(list.GetProperty("__ow_body")));
        var form = await (await server.Guest.PostAsync(
            new Uri("/api/v1/web/guest/default/web.json", UriKind.Relative), new FormUrlEncodedContent([new("x", "y z")]))).ReadAsync(200);
        Assert.Equal("y z", form.GetProperty("x").GetString());
        Assert.Equal("guest", form.GetProperty("__ow_user").GetString());
    }

    [Fact]
    public async Task A_raw_action_gets_the_request_as_it_is()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("raw", "echo", annotations: RawHttp);

        var json = await (await server.Nobody.PostAsync(
            new Uri("/api/v1/web/guest/default/raw.json?a=%20b", UriKind.Relative), new StringContent("{ }", Encoding.UTF8, "application/json"))).ReadAsync(200);
        var text = await (await server.Nobody.PostAsync(
            new Uri("/api/v1/web/guest/default/raw.json", UriKind.Relative), new StringContent("hi", Encoding.UTF8, "text/plain"))).ReadAsync(200);

        Assert.Equal("a=%20b", json.GetProperty("__ow_query").GetString());
        Assert.Equal("{ }", Encoding.UTF8.GetString(Convert.FromBase64String(json.GetProperty("__ow_body").GetString()!)));
        Assert.Equal("hi", text.GetProperty("__ow_body").GetString());
        Assert.Equal("", text.GetProperty("__ow_query").GetString());
    }

    [Fact]
    public async Task What_is_not_exported_does_not_exist()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("plain", "echo");

        foreach (var path in (string[])["guest/default/plain", "guest/default/none", "guest/none/x", "none/default/x", "guest/default", "_/default/plain"])
        {
            await (await server.Guest.GetAsync(new Uri("/api/v1/web/" + path, UriKind.Relative))).AssertErrorAsync(
                404, "The requested resource does not exist.");
        }
    }

    [Fact]
    public async Task Credentials_are_asked_for_when_the_action_says_so()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("keyed", "echo", annotations: """[{"key":"web-export","value":true},{"key":"require-whisk-auth","value":"s3cret"}]""");
        await server.Guest.CreateActionAsync("owned", "echo", annotations: """[{"key":"web-export","value":true},{"key":"require-whisk-auth","value":true}]""");

        await (await server.Nobody.GetAsync(new Uri("/api/v1/web/guest/default/keyed.json", UriKind.Relative))).AssertErrorAsync(
            401, "Authentication is possible but has failed or not yet been provided.");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/web/guest/default/keyed.json") { Headers = { { "X-Require-Whisk-Auth", "s3cret" } } };
        Assert.Equal(200, (int)(await server.Nobody.SendAsync(request)).StatusCode);
        Assert.Equal(401, (int)(await server.Nobody.GetAsync(new Uri("/api/v1/web/guest/default/owned.json", UriKind.Relative))).StatusCode);
        Assert.Equal(200, (int)(await server.Other.GetAsync(new Uri("/api/v1/web/guest/default/owned.json", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_type_that_the_caller_does_not_accept_is_406()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "json:{\"body\":\"x\"}", annotations: Web);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/web/guest/default/web");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));

        await (await server.Nobody.SendAsync(request)).AssertErrorAsync(
            406, "Resource representation is only available with these types:\ntext/html; charset=UTF-8");
    }

    [Theory]
    [InlineData("{}"), InlineData("{\"Content-Security-Policy\":\"default-src 'self'\"}")]
    public async Task A_page_of_an_action_has_an_origin_of_its_own(string headers)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", $"json:{{\"headers\":{headers},\"body\":\"<script>\"}}", annotations: Web);

        var response = await server.Nobody.GetAsync(new Uri("/api/v1/web/guest/default/web", UriKind.Relative));

        var policy = response.Headers.GetValues("Content-Security-Policy").Single(value => value.StartsWith("sandbox ", StringComparison.Ordinal));
        Assert.Contains("allow-scripts", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("allow-same-origin", policy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Clear-Site-Data"), InlineData("NEL"), InlineData("Report-To"), InlineData("Reporting-Endpoints"), InlineData("strict-transport-security")]
    [InlineData("Alt-Svc"), InlineData("Service-Worker-Allowed"), InlineData("Public-Key-Pins"), InlineData("Expect-CT"), InlineData("Set-Login")]
    public async Task An_action_sets_no_header_that_holds_for_the_whole_origin(string header)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", $$$"""json:{"headers":{"{{{header}}}":"x","X-Own":"y"},"body":"z"}""", annotations: Web);
        var uri = new Uri(server.Uri, "/api/v1/web/guest/default/web");

        var response = await server.Nobody.GetAsync(uri);
        using var delivery = new HttpRequestMessage(HttpMethod.Get, uri);
        var toServer = await server.Services.GetRequiredService<DeliveryDoor>().SendAsync(delivery, default);

        Assert.False(response.Headers.Contains(header));
        Assert.Equal("y", response.Headers.GetValues("X-Own").Single());
        Assert.Equal("x", toServer.Headers.GetValues(header).Single());
    }

    [Theory]
    [InlineData("signalbox-session=x; Path=/console")]
    [InlineData("Signalbox-SessionC1 =x")]
    [InlineData("__Host-signalbox-antiforgery=x; Secure; Path=/")]
    [InlineData("__Secure-.AspNetCore.Correlation.abc=x")]
    [InlineData("a=b,signalbox-session=x; Path=/console")]
    [InlineData("=signalbox-session=x")]
    [InlineData("=x")]
    [InlineData("x")]
    [InlineData("a=b; Secure ; DOMAIN = example.com")]
    public async Task An_action_sets_no_cookie_of_the_consoles_or_of_other_hosts(string cookie)
    {
        await using var server = await RuntimeServer.StartAsync();
        var cookies = $$"""["own=1; Path=/; HttpOnly", "{{cookie}}", "theme=signalbox-dark; Max-Age=60"]""";
        await server.Guest.CreateActionAsync("web", $$"""json:{"headers":{"Set-Cookie":{{cookies}}},"body":"z"}""", annotations: Web);
        await server.Guest.CreateActionAsync("single", $$$"""json:{"headers":{"set-cookie":"{{{cookie}}}"},"body":"z"}""", annotations: Web);

        var response = await server.Nobody.GetAsync(new Uri("/api/v1/web/guest/default/web", UriKind.Relative));
        var single = await server.Nobody.GetAsync(new Uri("/api/v1/web/guest/default/single", UriKind.Relative));

        Assert.Equal(["own=1; Path=/; HttpOnly", "theme=signalbox-dark; Max-Age=60"], response.Headers.GetValues("Set-Cookie"));
        Assert.False(single.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Headers_that_no_answer_can_name_are_not_allowed_by_name()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "echo", annotations: Web);
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 });
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(server.Uri, "/api/v1/web/guest/default/web"));
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "x-é");

        var response = await client.SendAsync(request);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.StartsWith("Authorization, ", response.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_this_servers_own_deliveries_pass_the_throttle()
    {
        await using var server = await RuntimeServer.StartAsync(configure: options => options with { InvocationsPerMinute = 1 });
        await server.Guest.CreateActionAsync("web", "echo", annotations: Web);
        var uri = new Uri("/api/v1/web/guest/default/web.json", UriKind.Relative);
        await (await server.Nobody.GetAsync(uri)).ReadAsync(200);

        await (await server.Nobody.GetAsync(uri)).ReadAsync(429);
        using var own = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Uri, uri));
        await (await server.Services.GetRequiredService<DeliveryDoor>().SendAsync(own, default)).ReadAsync(200);
    }

    [Fact]
    public async Task A_delivery_meets_the_same_action_as_a_request_over_the_network()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "echo", annotations: Web);
        var url = new Uri(server.Uri, "/api/v1/web/guest/default/web.json/a%20b?q=1");
        var door = server.Services.GetRequiredService<DeliveryDoor>();

        var overNetwork = await (await server.Nobody.SendAsync(Post())).ReadAsync(200);
        var answer = await door.SendAsync(Post(), default);
        Assert.Matches("^[0-9a-f]{32}$", Assert.Single(answer.Headers.GetValues("x-openwhisk-activation-id")));
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(JsonElement.DeepEquals(overNetwork, await answer.ReadAsync(200)));
        using var toNothing = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Uri, "/api/v1/web/guest/default/nothing"));
        await (await door.SendAsync(toNothing, default)).AssertErrorAsync(404, "The requested resource does not exist.");

        HttpRequestMessage Post()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent("{\"member\":[1.50]}", Encoding.UTF8, "application/json") };
            request.Headers.Add("x-request-id", "r1");
            request.Headers.TryAddWithoutValidation("x-twice", ["a", "b"]);
            return request;
        }
    }

    [Fact]
    public async Task Who_gives_up_a_delivery_does_not_wait_for_its_action()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "gate", annotations: Web);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Uri, "/api/v1/web/guest/default/web.json"));
        using var giveUp = new CancellationTokenSource();

        var sending = server.Services.GetRequiredService<DeliveryDoor>().SendAsync(request, giveUp.Token);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task A_delivery_waits_until_the_server_has_started_and_is_not_taken_while_it_stops()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("web", "echo", annotations: Web);
        using var life = new ServerLife();
        var door = new DeliveryDoor(server.Services.GetRequiredService<WebActionEndpoint>(), life);

        var early = door.SendAsync(Get(), default);
        Assert.False(early.IsCompleted);
        await life.Started.CancelAsync();
        await (await early).ReadAsync(200);

        await life.Stopping.CancelAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => door.SendAsync(Get(), default));

        HttpRequestMessage Get() => new(HttpMethod.Get, new Uri(server.Uri, "/api/v1/web/guest/default/web.json"));
    }

    private sealed class ServerLife : Microsoft.Extensions.Hosting.IHostApplicationLifetime, IDisposable
    {
        public CancellationTokenSource Started { get; } = new();

        public CancellationTokenSource Stopping { get; } = new();

        public CancellationToken ApplicationStarted => Started.Token;

        public CancellationToken ApplicationStopping => Stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => Stopping.Cancel();

        public void Dispose()
        {
            Started.Dispose();
            Stopping.Dispose();
        }
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
}
