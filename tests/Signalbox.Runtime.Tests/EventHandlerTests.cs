using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Runtime.EventHandlers;

namespace Signalbox.Runtime.Tests;

public sealed class EventHandlerTests : IAsyncLifetime
{
    private const string Event =
        """{"specversion":"1.0","id":"1","source":"urn:x","type":"my.event","recipientclientid":"client-1","data":{"n":1.10}}""";

    private KeyHost _keys = null!;
    private RuntimeServer _server = null!;
    private string _handler = "";

    private EventHandlers.EventHandlers Handlers => _server.Services.GetRequiredService<EventHandlers.EventHandlers>();

    public async ValueTask InitializeAsync()
    {
        _keys = await KeyHost.StartAsync();
        _server = await RuntimeServer.StartAsync(configure: options => options with { PublicKeyHost = () => _keys.Uri });
        await _server.Guest.CreateActionAsync("target", """json:{"statusCode":201,"headers":{"x-mine":"yes"},"body":"done"}""");
        _handler = await Handlers.SaveAsync(Spec("target"), default);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _keys.DisposeAsync();
    }

    [Fact]
    public async Task A_genuine_delivery_runs_the_action_with_the_event_and_selected_headers_only()
    {
        var response = await DeliverAsync(Event);

        Assert.Equal("done", await response.Content.ReadAsStringAsync());
        Assert.Equal(201, (int)response.StatusCode);
        Assert.Equal("yes", response.Headers.GetValues("x-mine").Single());
        var arguments = JsonDocument.Parse(Assert.Single(_server.Sandbox.Runs).Request.Arguments).RootElement;
        Assert.Equal(["event", "__adobe_headers"], arguments.EnumerateObject().Select(member => member.Name));
        Assert.Equal(Event, arguments.GetProperty("event").GetRawText());
        Assert.Equal(
            """{"x-adobe-delivery-id":"d1","x-adobe-event-code":"my.event","x-adobe-provider":"prov","x-request-id":"r1"}""",
            JsonSerializer.Serialize(arguments.GetProperty("__adobe_headers").EnumerateObject().OrderBy(h => h.Name, StringComparer.Ordinal).ToDictionary(h => h.Name, h => h.Value)));
        Assert.Equal(32, response.Headers.GetValues("x-openwhisk-activation-id").Single().Length);
    }

    [Fact]
    public async Task A_challenge_is_answered_without_running_anything()
    {
        var response = await _server.Nobody.GetAsync(new Uri(_handler + "&challenge=8ec8d794-e0ab-42df-9017-e3dada8e84f7", UriKind.Relative));

        Assert.Equal("""{"challenge":"8ec8d794-e0ab-42df-9017-e3dada8e84f7"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Empty(_server.Sandbox.Runs);
    }

    [Theory]
    [InlineData("altered")]
    [InlineData("forged")]
    [InlineData("missing")]
    [InlineData("other client")]
    [InlineData("no client")]
    [InlineData("relabelled")]
    [InlineData("relabelled, without a version")]
    [InlineData("key elsewhere")]
    [InlineData("keys crossed")]
    [InlineData("key of a web action")]
    [InlineData("key below another folder")]
    [InlineData("no json")]
    [InlineData("no text")]
    [InlineData("half a character")]
    public async Task A_delivery_that_is_not_genuine_is_refused_and_the_action_does_not_run(string what)
    {
        using var stranger = System.Security.Cryptography.RSA.Create(2048);
        var body = what switch
        {
            "other client" => Event.Replace("client-1", "client-2", StringComparison.Ordinal),
            "no client" => Event.Replace("recipientclientid", "recipient", StringComparison.Ordinal),
            "relabelled" => Event.Replace("my.event", "their.event", StringComparison.Ordinal),
            "relabelled, without a version" => Unversioned(Event).Replace("my.event", "their.event", StringComparison.Ordinal),
            "no json" => "hello",
            "no text" => Event.Replace("client-1", "\u00ff", StringComparison.Ordinal),
            "half a character" => Event.Replace("client-1", "\\ud800", StringComparison.Ordinal),
            _ => Event,
        };
        var response = await DeliverAsync(body, headers =>
        {
            switch (what)
            {
                case "altered":
                    headers["x-adobe-digital-signature-1"] = headers["x-adobe-digital-signature-2"] = KeyHost.Sign(_keys.Key1, Encoding.UTF8.GetBytes(Event + " "));
                    break;
                case "forged":
                    headers["x-adobe-digital-signature-1"] = headers["x-adobe-digital-signature-2"] = KeyHost.Sign(stranger, Encoding.UTF8.GetBytes(body));
                    break;
                case "missing":
                    headers.Remove("x-adobe-digital-signature-1");
                    headers.Remove("x-adobe-digital-signature-2");
                    break;
                case "keys crossed":
                    (headers["x-adobe-public-key1-path"], headers["x-adobe-public-key2-path"]) = (KeyHost.Path2, KeyHost.Path1);
                    break;
                case "key of a web action":
                case "key below another folder":
                    var path = (what == "key of a web action" ? "/api/v1/web/guest/default/evil" : "/x") + "/prod/keys/pub-key-1.pem";
                    _keys.Pems[path] = stranger.ExportSubjectPublicKeyInfoPem();
                    headers["x-adobe-digital-signature-1"] = headers["x-adobe-digital-signature-2"] = KeyHost.Sign(stranger, Encoding.UTF8.GetBytes(body));
                    headers["x-adobe-public-key1-path"] = headers["x-adobe-public-key2-path"] = path;
                    break;
                case "key elsewhere":
                    headers["x-adobe-public-key1-path"] = "//127.0.0.1/prod/keys/pub-key-aaaa-1111.pem";
                    headers["x-adobe-public-key2-path"] = "@evil.example" + KeyHost.Path2;
                    break;
            }
        });

        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(401, (int)response.StatusCode);
        var id = JsonDocument.Parse(text).RootElement.GetProperty("activation_id").GetString();
        Assert.Equal($$"""
            {
              "activation_id": "{{id}}",
              "error": "Authentication Signature is Invalid."
            }
            """.ReplaceLineEndings("\n"), text);
        Assert.Empty(_server.Sandbox.Runs);
        var record = await (await _server.Guest.GetPathAsync($"activations/{id}")).ReadAsync(200);
        Assert.Equal("validate_action", record.GetProperty("name").GetString());
        Assert.Equal("application error", record.GetProperty("response").GetProperty("status").GetString());
        Assert.Equal(1, record.GetProperty("logs").GetArrayLength());
    }

    /// <summary>What the ingress acknowledges must reach the action: 64 levels deep, and half a surrogate pair.</summary>
    [Theory]
    [InlineData(62, "1")]
    [InlineData(63, "1")]
    [InlineData(1, "\"\\ud800\"")]
    public async Task Odd_data_reaches_the_action(int depth, string value)
    {
        var body = Event.Replace("{\"n\":1.10}", new string('[', depth) + value + new string(']', depth), StringComparison.Ordinal);

        var response = await DeliverAsync(body);

        Assert.Equal(201, (int)response.StatusCode);
        Assert.Contains(value.Replace("\\ud800", "\\ufffd", StringComparison.Ordinal), Encoding.UTF8.GetString(Assert.Single(_server.Sandbox.Runs).Request.Arguments.Span), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("x-adobe-digital-signature-1", "AAAA")]
    [InlineData("x-adobe-public-key1-path", "/prod/../prod/keys/pub-key-aaaa-1111.pem")]
    [InlineData("x-adobe-public-key1-path", "/prod/keys/pub-key-unknown.pem")]
    public async Task One_valid_signature_is_enough(string header, string broken)
    {
        var response = await DeliverAsync(Event, headers => headers[header] = broken);

        Assert.Equal(201, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_broken_key_fails_only_its_own_pair()
    {
        _keys.Pems[KeyHost.Path1] = "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----";

        Assert.Equal(201, (int)(await DeliverAsync(Event)).StatusCode);
    }

    [Fact]
    public async Task A_key_is_kept_for_a_day_and_not_a_second_longer()
    {
        await DeliverAsync(Event);
        _server.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        await DeliverAsync(Event);
        Assert.Equal([KeyHost.Path1], _keys.Asked);

        _server.Clock.Advance(TimeSpan.FromSeconds(1));
        await DeliverAsync(Event);

        Assert.Equal([KeyHost.Path1, KeyHost.Path1], _keys.Asked);
    }

    [Theory]
    [InlineData("RunFailed:An error has occurred: ReferenceError: x is not defined", 500, "\"An error has occurred: ReferenceError: x is not defined\"")]
    [InlineData("json:{\"error\":{\"name\":\"TypeError\",\"message\":\"no\",\"stack\":\"at secret\"}}", 500, "\"An error has occurred: TypeError: no\"")]
    [InlineData("json:{\"error\":\"plain\"}", 500, "\"plain\"")]
    [InlineData("json:{\"error\":{\"statusCode\":409,\"body\":{\"error\":\"later\"}}}", 409, "{\n    \"error\": \"later\"\n  }")]
    public async Task A_failing_action_is_told_with_its_activation(string code, int status, string error)
    {
        await _server.Guest.CreateActionAsync("target", code);

        var response = await DeliverAsync(Event);

        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)response.StatusCode);
        var id = JsonDocument.Parse(text).RootElement.GetProperty("activation_id").GetString();
        Assert.Equal($"{{\n  \"activation_id\": \"{id}\",\n  \"error\": {error}\n}}", text);
        var record = await (await _server.Guest.GetPathAsync($"activations/{id}")).ReadAsync(200);
        Assert.Equal("target", record.GetProperty("name").GetString());
    }

    [Fact]
    public async Task An_event_without_a_version_is_handed_on_whole_whatever_its_extensions_are_called()
    {
        var body = Unversioned(Event).Replace("\"id\"", "\"event\":\"extension\",\"id\"", StringComparison.Ordinal);

        Assert.Equal(201, (int)(await DeliverAsync(body)).StatusCode);
        Assert.Equal(body, JsonDocument.Parse(Assert.Single(_server.Sandbox.Runs).Request.Arguments).RootElement.GetProperty("event").GetRawText());
    }

    [Fact]
    public async Task The_other_format_hands_on_the_inner_event()
    {
        var body = """{"event_id":"1","event":{"a":1},"recipient_client_id":"client-1"}""";

        Assert.Equal(201, (int)(await DeliverAsync(body)).StatusCode);
        Assert.StartsWith(
            """{"event":{"a":1},""", Encoding.UTF8.GetString(Assert.Single(_server.Sandbox.Runs).Request.Arguments.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_reaches_the_action_as_events_in_order()
    {
        var second = Event.Replace("{\"n\":1.10}", "{\"n\":2.20}", StringComparison.Ordinal);

        Assert.Equal(201, (int)(await DeliverAsync($"[{Event},{second}]")).StatusCode);

        var arguments = Encoding.UTF8.GetString(Assert.Single(_server.Sandbox.Runs).Request.Arguments.Span);
        Assert.StartsWith($$"""{"events":[{{Event}},{{second}}],"__adobe_headers":{""", arguments, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("client-1", "client-2")]
    [InlineData("my.event", "their.event")]
    public async Task A_batch_with_one_event_that_is_not_meant_for_the_sequence_is_refused(string word, string other)
    {
        var response = await DeliverAsync($"[{Event},{Event.Replace(word, other, StringComparison.Ordinal)}]");

        Assert.Equal(401, (int)response.StatusCode);
        Assert.Empty(_server.Sandbox.Runs);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("[[]]")]
    public async Task A_batch_without_events_is_refused(string body)
    {
        Assert.Equal(401, (int)(await DeliverAsync(body)).StatusCode);
        Assert.Empty(_server.Sandbox.Runs);
    }

    [Fact]
    public async Task Saving_again_changes_nothing_re_points_and_removing_leaves_the_packages()
    {
        await Handlers.SaveAsync(Spec("target"), default);
        var standing = await ReadSequenceAsync("prov_my.event_suffix0001");
        Assert.Equal("0.0.1", standing.GetProperty("version").GetString());

        await _server.Guest.CreateActionAsync("next", "echo");
        await Handlers.SaveAsync(Spec("next") with { Events = [("prov", "their.event")] }, default);
        Assert.Equal(
            """["/guest/bound_package/validate_action","/guest/next"]""",
            (await ReadSequenceAsync("prov_their.event_suffix0001")).GetProperty("exec").GetProperty("components").GetRawText());
        Assert.Equal(404, (int)(await _server.Guest.GetPathAsync("actions/prov_my.event_suffix0001")).StatusCode);

        await Handlers.RemoveAsync("guest", "suffix0001", default);
        await Handlers.RemoveAsync("guest", "suffix0001", default);
        Assert.Equal(404, (int)(await _server.Guest.GetPathAsync("actions/acp/sync_event_handler_suffix0001")).StatusCode);
        var packages = await (await _server.Guest.GetPathAsync("packages")).ReadAsync(200);
        Assert.Equal(["acp", "bound_package"], packages.EnumerateArray().Select(p => p.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_second_credential_of_the_namespace_has_a_binding_of_its_own()
    {
        await Handlers.SaveAsync(Spec("target") with { Suffix = "suffix0002", RecipientClientId = "client-2" }, default);

        var second = await ReadSequenceAsync("prov_my.event_suffix0002");

        Assert.Contains("bound_package_client-2/validate_action", second.GetProperty("exec").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(201, (int)(await DeliverAsync(Event)).StatusCode);
        Assert.Equal(401, (int)(await DeliverAsync(Event, suffix: "suffix0002")).StatusCode);
        Assert.Equal(201, (int)(await DeliverAsync(Event.Replace("client-1", "client-2", StringComparison.Ordinal), suffix: "suffix0002")).StatusCode);
    }

    [Fact]
    public async Task Only_an_existing_action_that_is_no_web_action_can_be_a_target()
    {
        await _server.Guest.CreateActionAsync("web", "echo", annotations: """[{"key":"web-export","value":true}]""");

        Assert.Null(await Handlers.FindObjectionAsync("guest", "target", default));
        Assert.Null(await Handlers.FindObjectionAsync("guest", "/guest/target", default));
        Assert.Contains("does not exist", await Handlers.FindObjectionAsync("guest", "p/none", default), StringComparison.Ordinal);
        Assert.Contains("web action", await Handlers.FindObjectionAsync("guest", "web", default), StringComparison.Ordinal);
        Assert.NotNull(await Handlers.FindObjectionAsync("guest", "/other/x", default));
        Assert.NotNull(await Handlers.FindObjectionAsync("guest", "a/b/c/d", default));
    }

    [Fact]
    public async Task A_sequence_that_is_not_meant_for_events_is_not_run()
    {
        await _server.Guest.CreateActionAsync("prov_private_suffix0001", "echo");

        var response = await DeliverAsync(Event, headers => headers["x-adobe-event-code"] = "private");

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Empty(_server.Sandbox.Runs);
    }

    /// <summary>As older clients publish it.</summary>
    private static string Unversioned(string cloudEvent) => cloudEvent.Replace("\"specversion\":\"1.0\",", "", StringComparison.Ordinal);

    private static EventHandlerSpec Spec(string action) => new()
    {
        Namespace = "guest",
        Suffix = "suffix0001",
        RecipientClientId = "client-1",
        Action = action,
        Events = [("prov", "my.event")],
    };

    private async Task<JsonElement> ReadSequenceAsync(string name) =>
        await (await _server.Guest.GetPathAsync("actions/" + name)).ReadAsync(200);

    private async Task<HttpResponseMessage> DeliverAsync(
        string body, Action<Dictionary<string, string>>? change = null, string suffix = "suffix0001")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var headers = new Dictionary<string, string>
        {
            ["x-request-id"] = "r1",
            ["x-adobe-delivery-id"] = "d1",
            ["x-adobe-provider"] = "prov",
            ["x-adobe-event-code"] = "my.event",
            ["x-adobe-digital-signature-1"] = KeyHost.Sign(_keys.Key1, bytes),
            ["x-adobe-digital-signature-2"] = KeyHost.Sign(_keys.Key2, bytes),
            ["x-adobe-public-key1-path"] = KeyHost.Path1,
            ["x-adobe-public-key2-path"] = KeyHost.Path2,
        };
        change?.Invoke(headers);
        using var request = new HttpRequestMessage(
            HttpMethod.Post, _handler.Replace("suffix0001", suffix, StringComparison.Ordinal))
        {
            Content = new ByteArrayContent(bytes),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/cloudevents+json; charset=UTF-8");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _server.Nobody.SendAsync(request);
    }
}
