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
    [InlineData("""{"id":"1","source":"\ud800","type":"t"}""", "")]
    public async Task A_body_that_is_no_CloudEvent_is_refused_with_the_attribute(string body, string attribute)
    {
        await using var server = await EventsServer.StartAsync();

        var answer = await server.SendAsync(HttpMethod.Post, "/ingress", body, "application/cloudevents+json");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        var errors = answer.Body.GetProperty("errors");
        Assert.Equal(attribute, errors.GetArrayLength() == 0 ? "" : errors[0].GetProperty("field").GetString());
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
