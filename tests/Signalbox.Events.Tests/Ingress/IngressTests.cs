using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Events.Ingress;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Ingress;

public sealed class IngressTests
{
    private const string Source = "urn:uuid:11111111-2222-3333-4444-555555555555";

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("{", "")]
    [InlineData("""{"id":"1"} x""", "")]
    [InlineData("""{"source":"s","type":"t"}""", "id")]
    [InlineData("""{"id":"","source":"s","type":"t"}""", "id")]
    [InlineData("""{"id":null,"source":"s","type":"t"}""", "id")]
    [InlineData("""{"id":7,"source":"s","type":"t"}""", "id")]
    [InlineData("""{"id":"1","id":"2","source":"s","type":"t"}""", "id")]
    [InlineData("""{"id":"1","\u0069d":"2","source":"s","type":"t"}""", "id")]
    [InlineData("""{"id":"1","type":"t"}""", "source")]
    [InlineData("""{"id":"1","source":"s"}""", "type")]
    [InlineData("""{"id":"1","source":"s","type":{}}""", "type")]
    [InlineData("""{"id":"1","source":"s","type":"t","specversion":"0.3"}""", "specversion")]
    [InlineData("""{"id":"1","source":"s","type":"t","specversion":1.0}""", "specversion")]
    [InlineData("""{"id":"1","source":"s","type":"t","time":"yesterday"}""", "time")]
    [InlineData("""{"id":"1","source":"s","type":"t","time":"2026-02-30T00:00:00Z"}""", "time")]
    [InlineData("""{"id":"1","source":"s","type":"t","datacontenttype":"text/xml"}""", "datacontenttype")]
    [InlineData("""{"id":"1","source":"s","type":"t","data_base64":"AA=="}""", "data_base64")]
    [InlineData("""{"id":"1","source":"s","type":"t","myAttr":"x"}""", "myAttr")]
    [InlineData("""{"id":"1","source":"s","type":"t","event_id":"x"}""", "event_id")]
    [InlineData("""{"id":"1","source":"s","type":"t","ext":{}}""", "ext")]
    [InlineData("""{"id":"1","source":"s","type":"t","ext":[1]}""", "ext")]
    [InlineData("""{"id":"1","source":"s","type":"t","ext":1,"ext":2}""", "ext")]
    [InlineData("""{"id":"1","source":"s","type":"t","data":1,"data":2}""", "data")]
    [InlineData("""{"id":"1","source":"\ud800","type":"t"}""", "source")]
    [InlineData("""{"id":"1","source":"s","type":"t","ext":"\ud800"}""", "ext")]
    [InlineData("""{"id":"1","source":"s","type":"t","\ud800":"x"}""", "")]
    public async Task A_body_that_is_no_CloudEvent_is_refused_with_the_attribute(string body, string attribute)
    {
        await using var server = await EventsServer.StartAsync();

        var answer = await server.SendAsync(HttpMethod.Post, "/ingress", body, "application/cloudevents+json");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        var errors = answer.Body.GetProperty("errors");
        Assert.Equal(attribute, errors.GetArrayLength() == 0 ? "" : errors[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("application/cloudevents+json", "", 400, "The body is empty. Send one CloudEvent as a JSON object.")]
    [InlineData("application/cloudevents-batch+json", "", 400, "The body is empty. Send a batch as a JSON array of CloudEvents.")]
    [InlineData(null, "{}", 415, "The content type is missing. Send one CloudEvent as application/cloudevents+json, several as application/cloudevents-batch+json, or one in binary mode (headers ce-…) as application/json, in UTF-8.")]
    [InlineData("application/json", """{"id":"1",}""", 400, "The body is not valid JSON at line 1, byte 11.")]
    [InlineData("application/json", """{"id":"1","source":"shop","type":"t"}""", 404, "'source' is 'shop'. It must be urn:uuid:<provider id>.")]
    [InlineData("application/json", """{"id":"1","source":"urn:uuid:5f5b0d1c-0000-4000-8000-000000000000","type":"t"}""", 404, "'source' is 'urn:uuid:5f5b0d1c-0000-4000-8000-000000000000', which names no provider of this server. It must be urn:uuid:<provider id>.")]
    public async Task What_is_refused_is_told_with_its_reason(string? contentType, string body, int status, string message)
    {
        await using var server = await EventsServer.StartAsync();
        using var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("content-type", contentType is null ? [] : [contentType]);

        var answer = await server.Http.PostAsync("/ingress", content);
        var refusal = System.Text.Json.JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal((status, message), ((int)answer.StatusCode, refusal.GetProperty("message").GetString()));
        Assert.Equal(status == 404 ? ["source"] : [], refusal.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()));
    }

    [Theory, InlineData("application/cloudevents+json"), InlineData("application/cloudevents-batch+json"), InlineData("application/json")]
    public async Task An_event_has_64_levels_in_every_mode_and_more_are_called_too_many(string contentType)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");

        Assert.Equal((204, ""), await PublishAsync(63));
        var (status, message) = await PublishAsync(64);
        Assert.Equal(400, status);
        Assert.StartsWith("The event has more than 64 levels of objects and arrays, its own included, at line 1, byte ", message, StringComparison.Ordinal);

        async Task<(int, string)> PublishAsync(int levels)
        {
            var data = new string('[', levels) + new string(']', levels);
            var whole = $$"""{"id":"1","source":"urn:uuid:{{provider}}","type":"a","data":{{data}}}""";
            using var content = new StringContent(contentType switch { "application/json" => data, "application/cloudevents+json" => whole, _ => $"[{whole}]" });
            content.Headers.ContentType = new(contentType);
            if (contentType == "application/json")
            {
                content.Headers.Add("ce-specversion", "1.0");
                content.Headers.Add("ce-id", "1");
                content.Headers.Add("ce-type", "a");
                content.Headers.Add("ce-source", "urn:uuid:" + provider);
            }

            var answer = await server.Http.PostAsync("/ingress", content);
            var text = await answer.Content.ReadAsStringAsync();
            return ((int)answer.StatusCode, text.Length == 0 ? "" : System.Text.Json.JsonElement.Parse(text).GetProperty("message").GetString()!);
        }
    }

    [Fact]
    public async Task Too_deep_a_body_and_invalid_utf8_are_refused()
    {
        var deep = $$"""{"id":"1","source":"s","type":"t","data":{{new string('[', 70)}}{{new string(']', 70)}}}""";
        Assert.NotNull(Check(System.Text.Encoding.UTF8.GetBytes(deep)));
        Assert.NotNull(Check([.. "{\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":\""u8, 0xC3, 0x28, .. "\"}"u8]));
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData("""{"id":"1","source":"s","type":"t"}""")]
    [InlineData("""{"id":"1","source":"s","type":"t","time":null,"subject":null,"ext":null,"data":null}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","time":"2026-12-31T23:59:60.123456+02:00","ext1":true,"ext2":1e3,"datacontenttype":"application/json; charset=utf-8","data":"x"}""")]
    public void A_CloudEvent_is_accepted(string body) => Assert.Null(Check(System.Text.Encoding.UTF8.GetBytes(body)));

    [Fact]
    public async Task The_answer_tells_what_became_of_the_event()
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { PublishBytesMax = 2_000 });
        var provider = await server.CreateProviderAsync("a.b", "unwanted");
        var stranger = await server.CreateStrangerAsync();

        Assert.Equal(HttpStatusCode.NoContent, await server.PublishAsync(provider, "a.b"));
        await server.RegisterAsync("Mine", provider, "a.b");
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a.b"));
        Assert.Equal(HttpStatusCode.NoContent, await server.PublishAsync(provider, "unwanted"));
        Assert.Equal(HttpStatusCode.NoContent, await server.PublishAsync(provider, "undeclared"));
        Assert.Equal(HttpStatusCode.NotFound, await server.PublishAsync(Source[9..], "a.b"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await server.PublishAsync(provider, "a.b", $"\"{new string('x', 2_000)}\""));
        var wrongType = await server.SendAsync(HttpMethod.Post, "/ingress", "{}", "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, wrongType.Status);
        using var other = await server.SignInAsync(stranger);
        var foreign = await other.PostAsync("/ingress", new StringContent(
            $$"""{"id":"1","source":"urn:uuid:{{provider}}","type":"a.b"}""", null, "application/json"));
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        using var nobody = new HttpClient { BaseAddress = server.Http.BaseAddress };
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.PostAsync("/ingress", new StringContent("{}"))).StatusCode);
    }

    [Fact]
    public async Task The_answer_names_a_single_event_that_was_stored()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a.b", "unwanted");
        await server.RegisterAsync("Mine", provider, "a.b");

        var stored = await PublishAsync("1", "a.b");
        var id = await server.Get<Signalbox.Storage.Database>().WriteAsync(session => session.QuerySingleOrDefault<string>("SELECT event_id FROM events"));

        Assert.Equal(id, stored);
        Assert.Null(await PublishAsync("1", "a.b"));
        Assert.Null(await PublishAsync("2", "unwanted"));
        Assert.Null(await PublishAsync("3", "a.b", "[", "]", "application/cloudevents-batch+json"));

        async Task<string?> PublishAsync(string name, string code, string before = "", string after = "", string contentType = "application/cloudevents+json")
        {
            var answer = await server.SendAsync(
                HttpMethod.Post, "/ingress",
                $$"""{{before}}{"specversion":"1.0","id":"{{name}}","source":"urn:uuid:{{provider}}","type":"{{code}}"}{{after}}""", contentType);
            Assert.True(answer.Response.IsSuccessStatusCode);
            return answer.Response.Headers.TryGetValues("x-adobe-event-id", out var values) ? Assert.Single(values) : null;
        }
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01", false)]
    [InlineData("ééééééééééééééééééééééééééééééééééééééééééééééééééééééé", false)]
    public async Task Only_a_trace_context_is_handed_on_to_the_deliveries(string header, bool isHandedOn)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a.b");
        await server.RegisterAsync("Mine", provider, "a.b", "\"delivery_type\":\"webhook\",\"runtime_action\":\"pkg/act\"");
        using var http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null, RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Http.BaseAddress!, "/ingress"));
        foreach (var (name, values) in server.Http.DefaultRequestHeaders)
        {
            request.Headers.TryAddWithoutValidation(name, values);
        }

        request.Headers.TryAddWithoutValidation("traceparent", header);
        request.Content = new StringContent($$"""{"id":"1","source":"urn:uuid:{{provider}}","type":"a.b"}""", null, "application/cloudevents+json");
        Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(request)).StatusCode);

        Assert.Equal(isHandedOn ? header : null, Assert.Single(server.Queue.Offers).Event.TraceParent);
    }

    [Theory, InlineData("FFFFFFFFFFFF\r\n"), InlineData("zz\r\n")]
    public async Task A_body_in_chunks_that_cannot_be_is_refused_and_the_connection_closed(string body)
    {
        await using var server = await EventsServer.StartAsync();
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", server.Http.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST /ingress HTTP/1.1\r\nHost: x\r\nAuthorization: {server.Http.DefaultRequestHeaders.Authorization}\r\nx-api-key: {server.ClientId}\r\n"
            + $"Content-Type: application/cloudevents+json\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));

        var answer = await new StreamReader(stream).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("The body could not be read", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_of_the_ingress_host_takes_events()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a.b");
        await server.RegisterAsync("Mine", provider, "a.b");
        foreach (var (host, status) in new[] { ("eventsingress.adobe.io", 200), ("eventsingress-stage.example", 200), ("other.example", 404) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Headers = { Host = host } };
            request.Content = new StringContent($$"""{"id":"1","source":"urn:uuid:{{provider}}","type":"a.b"}""", null, "application/cloudevents+json");
            var response = await server.Http.SendAsync(request);
            Assert.Equal(status, (int)response.StatusCode);
            if (status == 200)
            {
                Assert.Equal("OK", await response.Content.ReadAsStringAsync());
                Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
            }
        }
    }

    [Fact]
    public async Task More_publishes_than_the_limit_wait_for_the_next_window()
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { PublishesPerWindowMax = 2 });
        var provider = await server.CreateProviderAsync("a.b");
        await server.PublishAsync(provider, "a.b");
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        await server.PublishAsync(provider, "a.b");

        var refused = await server.SendAsync(HttpMethod.Post, "/ingress", "{}");
        server.Clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal(TimeSpan.FromSeconds(3), refused.Response.Headers.RetryAfter!.Delta);
        Assert.Equal(HttpStatusCode.NoContent, await server.PublishAsync(provider, "a.b"));
    }

    [Theory]
    [InlineData("""{"id":"1","source":"S","type":"a.b"}""", """{"phidata":true,"id":"1","source":"S","type":"a.b"}""")]
    [InlineData("""{ "id":"1","phidata":false ,"source":"S","type":"a.b"}""", """{ "id":"1","phidata":true ,"source":"S","type":"a.b"}""")]
    public async Task The_phi_header_marks_the_event(string published, string stored)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a.b");
        await server.RegisterAsync("Mine", provider, "a.b", """
            "delivery_type":"webhook","runtime_action":"pkg/act"
            """);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ingress");
        request.Headers.Add("x-event-phidata", "true");
        request.Content = new StringContent(published.Replace("S", "urn:uuid:" + provider, StringComparison.Ordinal), null, "application/cloudevents+json");

        await server.Http.SendAsync(request);

        var offer = Assert.Single(server.Queue.Offers);
        Assert.Equal(stored.Replace("S", "urn:uuid:" + provider, StringComparison.Ordinal), System.Text.Encoding.UTF8.GetString(offer.Event.Payload.Span));
        Assert.Equal(7, offer.Event.EventId.Version);
    }

    private static CloudEventFault? Check(byte[] body)
    {
        Span<char> source = stackalloc char[CloudEventReader.RoutedLengthMax];
        Span<char> type = stackalloc char[CloudEventReader.RoutedLengthMax];
        return new CloudEventReader(body, source, type).Read();
    }
}
