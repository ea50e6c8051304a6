using System.Net;
using System.Text;
using System.Text.Json;

namespace Signalbox.Events.Tests.Ingress;

/// <summary>Binary and batch mode of the CloudEvents HTTP binding.</summary>
public sealed class PublishModeTests
{
    private const string Batch = "application/cloudevents-batch+json";

    [Fact]
    public async Task An_event_in_binary_mode_becomes_the_one_in_structured_mode()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await PrepareAsync(server);

        var answer = await PublishBinaryAsync(
            server, """{ "n": 1.50, "big":12345678901234567890 }""", "application/json; charset=UTF-8",
            ("CE-SpecVersion", "1.0"), ("ce-id", "1"), ("ce-source", "urn:uuid:" + provider), ("ce-type", "a.b"),
            ("ce-subject", "Euro%20%E2%82%AC%20%F0%9F%98%80"), ("ce-myext", "\"a \\\"b\\\"\" 100%25"), ("ce-time", "2026-01-31T23:59:59Z"), ("other", "x"));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var stored = Encoding.UTF8.GetString(Assert.Single(server.Queue.Offers).Event.Payload.Span);
        var read = JsonElement.Parse(stored);
        Assert.Equal("1.0", read.GetProperty("specversion").GetString());
        Assert.Equal("Euro € 😀", read.GetProperty("subject").GetString());
        Assert.Equal("a \"b\" 100%", read.GetProperty("myext").GetString());
        Assert.Equal("2026-01-31T23:59:59Z", read.GetProperty("time").GetString());
        Assert.Equal("application/json; charset=UTF-8", read.GetProperty("datacontenttype").GetString());
        Assert.Contains("\"data\":{ \"n\": 1.50, \"big\":12345678901234567890 }", stored, StringComparison.Ordinal);
        Assert.False(read.TryGetProperty("other", out _));
    }

    [Theory]
    [InlineData("ce-id", "", 400, "id")]
    [InlineData("ce-id", null, 400, "id")]
    [InlineData("ce-type", null, 400, "type")]
    [InlineData("ce-source", null, 400, "source")]
    [InlineData("ce-specversion", "0.3", 400, "specversion")]
    [InlineData("ce-specversion", null, 200, "")]
    [InlineData("ce-time", "yesterday", 400, "time")]
    [InlineData("ce-subject", "%FF", 400, "subject")]
    [InlineData("ce-subject", "%00", 400, "subject")]
    [InlineData("ce-subject", "100%", 400, "subject")]
    [InlineData("ce-subject", "\"open", 400, "subject")]
    [InlineData("ce-datacontenttype", "application/json", 400, "datacontenttype")]
    [InlineData("ce-data", "{}", 400, "data")]
    [InlineData("ce-my_ext", "x", 400, "my_ext")]
    [InlineData("ce-dataschema", "not a uri", 400, "dataschema")]
    public async Task A_header_that_is_no_attribute_is_refused_by_name(string header, string? value, int status, string attribute)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await PrepareAsync(server);
        var headers = new Dictionary<string, string?>
        {
            ["ce-specversion"] = "1.0", ["ce-id"] = "1", ["ce-source"] = "urn:uuid:" + provider, ["ce-type"] = "a.b", [header] = value,
        };

        var answer = await PublishBinaryAsync(
            server, "{}", "application/json", [.. headers.Where(h => h.Value is not null).Select(h => (h.Key, h.Value!))]);

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(attribute, status == 200 ? "" : answer.Body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("1,\"id\":\"2\"", 400)]
    [InlineData("}", 400)]
    [InlineData("\"text\"", 200)]
    [InlineData("\uFEFF{}", 200)]
    public async Task Binary_data_are_one_JSON_value(string data, int status)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await PrepareAsync(server);

        var answer = await PublishBinaryAsync(
            server, data, "application/json", ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "urn:uuid:" + provider), ("ce-type", "a.b"));

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(status == 200 ? "" : "data", status == 200 ? "" : answer.Body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task Binary_mode_takes_events_without_data_and_refuses_data_that_are_not_JSON()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await PrepareAsync(server);
        (string, string)[] headers = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "urn:uuid:" + provider), ("ce-type", "a.b")];

        var bare = await PublishBinaryAsync(server, null, null, headers);
        var text = await PublishBinaryAsync(server, "hello", "text/plain", headers);
        var unnamed = await PublishBinaryAsync(server, "{}", null, headers);

        Assert.Equal(HttpStatusCode.OK, bare.Status);
        Assert.DoesNotContain("data", Encoding.UTF8.GetString(Assert.Single(server.Queue.Offers).Event.Payload.Span), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.Status);
        Assert.Contains("binary mode as application/json", text.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, unnamed.Status);
    }

    [Fact]
    public async Task A_batch_is_stored_in_one_commit_in_its_order_and_each_id_once()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await PrepareAsync(server);

        var answer = await server.SendAsync(
            HttpMethod.Post, "/ingress", $"\uFEFF [{Event(provider, "1")} , {Event(provider, "2")},{Event(provider, "1")},{Event(provider, "3", "unwanted")}]", Batch);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal([Event(provider, "1"), Event(provider, "2")], server.Queue.Offers.Select(o => Encoding.UTF8.GetString(o.Event.Payload.Span)));
        Assert.Equal(server.Queue.Offers[0].Event.Sequence + 1, server.Queue.Offers[1].Event.Sequence);
        Assert.Equal(2, await server.CountAsync("journal"));
    }

    [Theory]
    [InlineData("[]", 204, null)]
    [InlineData("[UNWANTED]", 204, null)]
    [InlineData("{}", 400, null)]
    [InlineData("[GOOD,{}]", 400, "[1].id")]
    [InlineData("[GOOD,7]", 400, null)]
    [InlineData("[GOOD,[GOOD]]", 400, null)]
    [InlineData("[GOOD", 400, null)]
    [InlineData("[GOOD]]", 400, null)]
    [InlineData("[GOOD,GOOD,GOOD,GOOD]", 413, null)]
    [InlineData("[GOOD,LARGE]", 413, null)]
    [InlineData("[GOOD,STRANGE]", 404, null)]
    public async Task A_batch_is_taken_whole_or_not_at_all(string body, int status, string? field)
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { PublishBatchEventsMax = 3, PublishBytesMax = 1_000 });
        var provider = await PrepareAsync(server);
        body = body.Replace("UNWANTED", Event(provider, "1", "unwanted"), StringComparison.Ordinal)
            .Replace("GOOD", Event(provider, "1"), StringComparison.Ordinal)
            .Replace("LARGE", Event(provider, new string('x', 1_000)), StringComparison.Ordinal)
            .Replace("STRANGE", Event(Guid.NewGuid().ToString(), "1"), StringComparison.Ordinal);

        var answer = await server.SendAsync(HttpMethod.Post, "/ingress", body, Batch);

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(field, field is null ? null : answer.Body.GetProperty("errors")[0].GetProperty("field").GetString());
        Assert.Equal(0, await server.CountAsync("events"));
    }

    [Theory]
    [InlineData("application/cloudevents+json; charset=UTF-8", 200)]
    [InlineData("application/CloudEvents+JSON", 200)]
    [InlineData("application/json; charset=\"utf-8\"", 200)]
    [InlineData("application/cloudevents+json; charset=utf-16", 415)]
    [InlineData("application/cloudevents+json; charset=iso-8859-1", 415)]
    [InlineData("application/cloudevents+xml", 415)]
    [InlineData("application/vnd.acme+json", 415)]
    [InlineData("nonsense", 415)]
    public async Task The_content_type_decides(string contentType, int status)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await PrepareAsync(server);

        var answer = await server.SendAsync(HttpMethod.Post, "/ingress", "\uFEFF" + Event(provider, "1"), contentType);

        Assert.Equal(status, (int)answer.Status);
    }

    [Theory]
    [InlineData(null, 200)]
    [InlineData(false, 200)]
    [InlineData(true, 400)]
    public async Task A_missing_version_is_refused_where_the_setting_says_so(bool? required, int status)
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { SpecVersionRequired = required });
        var provider = await PrepareAsync(server);

        var answer = await server.SendAsync(
            HttpMethod.Post, "/ingress", $$"""{"id":"1","source":"urn:uuid:{{provider}}","type":"a.b"}""", "application/cloudevents+json");

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(status == 200 ? null : "specversion", status == 200 ? null : answer.Body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    private static string Event(string provider, string id, string type = "a.b") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"urn:uuid:{{provider}}","type":"{{type}}","ext":true}""";

    private static async Task<string> PrepareAsync(EventsServer server)
    {
        var provider = await server.CreateProviderAsync("a.b", "unwanted");
        await server.RegisterAsync("Mine", provider, "a.b", """
            "delivery_type":"webhook","runtime_action":"pkg/act"
            """);
        return provider;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PublishBinaryAsync(
        EventsServer server, string? data, string? contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ingress");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (data is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(data));
            if (contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
            }
        }

        using var response = await server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonElement.Parse(text) : default);
    }
}
