using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>From a published event to the user's own action, and what can be read of it afterwards.</summary>
public sealed class WholeWayTests(RunningServer running)
{
    private const string ShipOrder = """
        function main (params) {
          console.log(`got ${params.event.id}`)
          if (params.event.data.quantity < 0) {
            throw new RangeError(`quantity ${params.event.data.quantity} is negative`)
          }
          return { statusCode: 201, headers: { 'x-shipped-by': 'end-to-end' }, body: { shipped: params.event.data.quantity, params: Object.keys(params).sort(), headers: params.__adobe_headers } }
        }
        """;

    private ServerClient Client => running.Client;

    [Fact]
    public async Task A_published_event_runs_the_action_and_its_trace_and_logs_can_be_read()
    {
        await Client.PutActionAsync("shop/ship", ShipOrder);
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterActionAsync("shop/ship");

        await type.PublishAsync(new JsonObject { ["quantity"] = 3 }, "order-1");

        var trace = (await registration.FindTraceAsync("order-1"))["trace"]!;
        var request = trace["tracingRequest"]!;
        var sent = request["requestHeaders"]!.AsObject();
        Assert.Equal("POST", request["requestMethod"]!.GetValue<string>());
        Assert.All(["x-adobe-digital-signature-1", "x-adobe-digital-signature-2"], name => Assert.Equal(344, Header(sent, name).Length));
        Assert.All(["x-adobe-public-key1-path", "x-adobe-public-key2-path"], name => Assert.StartsWith("/prod/keys/pub-key-", Header(sent, name), StringComparison.Ordinal));
        Assert.Equal(type.EventCode, Header(sent, "x-adobe-event-code"));
        Assert.False(sent.ContainsKey("x-adobe-retry-count"));

        var response = trace["tracingResponse"]!;
        Assert.Equal(201, response["responseCode"]!.GetValue<int>());
        Assert.Equal("end-to-end", Header(response["responseHeaders"]!.AsObject(), "x-shipped-by"));
        var body = JsonNode.Parse(response["responseBody"]!.GetValue<string>())!;
        Assert.Equal(3, body["shipped"]!.GetValue<int>());

        // The action gets the event and the selected headers, and nothing else of the request (section 14.3).
        Assert.Equal(["__adobe_headers", "event"], body["params"]!.AsArray().Select(p => p!.GetValue<string>()));
        var seen = body["headers"]!.AsObject().Select(h => h.Key).ToList();
        Assert.Contains("x-adobe-delivery-id", seen);
        Assert.Contains("x-request-id", seen);
        Assert.DoesNotContain(seen, name => name.StartsWith("x-adobe-digital-signature", StringComparison.Ordinal) || name.StartsWith("x-adobe-public-key", StringComparison.Ordinal));

        var run = await FindRunAsync("shop/ship", "order-1");
        Assert.True(run["response"]!["success"]!.GetValue<bool>());
        var logs = await Client.GetLogsAsync(run["activationId"]!.GetValue<string>());
        Assert.Contains(logs, line => line.EndsWith("stdout: got order-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_throwing_action_answers_500_with_the_activation_whose_logs_say_why()
    {
        await Client.PutActionAsync("shop/refuse", ShipOrder);
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterActionAsync("shop/refuse");

        await type.PublishAsync(new JsonObject { ["quantity"] = -1 }, "order-2");

        var response = (await registration.FindTraceAsync("order-2"))["trace"]!["tracingResponse"]!;
        Assert.Equal(500, response["responseCode"]!.GetValue<int>());
        var body = JsonNode.Parse(response["responseBody"]!.GetValue<string>())!.AsObject();
        Assert.Equal(["activation_id", "error"], body.Select(m => m.Key));
        Assert.Equal("An error has occurred: RangeError: quantity -1 is negative", body["error"]!.GetValue<string>());
        var id = body["activation_id"]!.GetValue<string>();
        var activation = await Client.GetActivationAsync(id);
        Assert.Equal("refuse", activation["name"]!.GetValue<string>());
        Assert.Equal("action developer error", activation["response"]!["status"]!.GetValue<string>());
        var logs = await Client.GetLogsAsync(id);
        Assert.Contains(logs, line => line.Contains("got order-2", StringComparison.Ordinal));
        Assert.Contains(logs, line => line.Contains("stderr:", StringComparison.Ordinal) && line.Contains("RangeError", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("an altered body")]
    [InlineData("no signatures")]
    [InlineData("signatures of another body")]
    [InlineData("a key path to another host")]
    [InlineData("another recipient")]
    public async Task A_forged_delivery_is_refused_with_the_validators_activation_and_the_action_does_not_run(string forgery)
    {
        var action = $"shop/guarded-{Guid.NewGuid():N}";
        await Client.PutActionAsync(action, ShipOrder);
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterActionAsync(action);
        await type.PublishAsync(new JsonObject { ["quantity"] = 3 }, "order-3");
        var request = (await registration.FindTraceAsync("order-3"))["trace"]!["tracingRequest"]!;
        await FindRunAsync(action, "order-3");

        var (body, headers) = Forge(forgery, request);
        var answer = await PostToHandlerAsync(request, body, headers);

        answer.Expect(HttpStatusCode.Unauthorized);
        Assert.Equal("Authentication Signature is Invalid.", answer.Json["error"]!.GetValue<string>());
        var validator = await Client.GetActivationAsync(answer.Json["activation_id"]!.GetValue<string>());
        Assert.Equal("validate_action", validator["name"]!.GetValue<string>());
        Assert.False(validator["response"]!["success"]!.GetValue<bool>());
        Assert.Equal(1, await Client.CountActivationsAsync(action));
    }

    [Fact]
    public async Task The_largest_events_reach_the_action_alone_and_in_batches()
    {
        await Client.PutActionAsync(
            "shop/weigh", "function main (p) { return { body: { weights: (p.events || [p.event]).map(e => e.data.length) } } }");
        var alone = await PublishedType.CreateAsync(Client);
        await using var single = await alone.RegisterActionAsync("shop/weigh");
        var many = await PublishedType.CreateAsync(Client);
        await using var batch = await many.RegisterActionAsync("shop/weigh", isBatch: true);

        // An event may have 1 MiB, and so may what an action takes.
        await alone.PublishAsync(new string('x', (1 << 20) - 400), "large");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => many.PublishAsync(new string('x', 500_000))));

        Assert.Equal([(1 << 20) - 400], await WeighAsync(single, 1));
        Assert.Equal(Enumerable.Repeat(500_000, 6), await WeighAsync(batch, 6));

        Task<IReadOnlyList<int>> WeighAsync(Registration registration, int events) => Eventually.FindAsync(
            $"{events} weighed events",
            async () =>
            {
                var traces = await registration.GetTracesAsync();
                Assert.All(traces, trace => Assert.Equal(200, trace["trace"]!["tracingResponse"]!["responseCode"]!.GetValue<int>()));
                IReadOnlyList<int> weights =
                [
                    .. traces.SelectMany(trace => JsonNode.Parse(trace["trace"]!["tracingResponse"]!["responseBody"]!.GetValue<string>())!["weights"]!.AsArray())
                        .Select(weight => weight!.GetValue<int>()),
                ];
                return weights.Count == events ? weights : null;
            });
    }

    [Fact]
    public async Task One_good_signature_of_two_is_enough()
    {
        await Client.PutActionAsync("shop/one-of-two", ShipOrder);
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterActionAsync("shop/one-of-two");
        await type.PublishAsync(new JsonObject { ["quantity"] = 3 }, "order-4");
        var request = (await registration.FindTraceAsync("order-4"))["trace"]!["tracingRequest"]!;
        var headers = SentHeaders(request);
        headers["x-adobe-digital-signature-1"] = Convert.ToBase64String(new byte[256]);

        var answer = await PostToHandlerAsync(request, request["requestBody"]!.GetValue<string>(), headers);

        answer.Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_registration_for_an_unknown_or_a_web_action_is_refused_and_says_why()
    {
        await Client.PutActionAsync("shop/public", ShipOrder);
        (await Client.RuntimeAsync(HttpMethod.Put, "/actions/shop/public?overwrite=true", new JsonObject
        {
            ["annotations"] = new JsonArray(new JsonObject { ["key"] = "web-export", ["value"] = true }),
        })).Expect(HttpStatusCode.OK);
        var type = await PublishedType.CreateAsync(Client);
        foreach (var action in (string[])["shop/public", "shop/nowhere"])
        {
            var answer = await Client.EventsAsync(HttpMethod.Post, $"{Client.Console.WorkspacePath}/registrations", new JsonObject
            {
                ["name"] = $"To {action} of {type.ProviderId}",
                ["client_id"] = Client.Console.ClientId,
                ["delivery_type"] = "webhook",
                ["runtime_action"] = action,
                ["events_of_interest"] = new JsonArray(new JsonObject { ["provider_id"] = type.ProviderId, ["event_code"] = type.EventCode }),
            });

            answer.Expect(HttpStatusCode.BadRequest);
            Assert.Contains(action, answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_plumbing_of_a_registration_stands_in_the_namespace_and_goes_with_it()
    {
        await Client.PutActionAsync("shop/plumbed", ShipOrder);
        var type = await PublishedType.CreateAsync(Client);
        var registration = await type.RegisterActionAsync("shop/plumbed");

        var sequences = await PlumbingAsync(type.ProviderId);
        var bound = (await Client.RuntimeAsync(HttpMethod.Get, "/packages/bound_package")).Expect(HttpStatusCode.OK).Json;
        await registration.DisposeAsync();

        var sequence = Assert.Single(sequences);
        Assert.Contains(type.EventCode, sequence, StringComparison.Ordinal);
        var actions = (await Client.RuntimeAsync(HttpMethod.Get, $"/actions/{Uri.EscapeDataString(sequence)}"));
        Assert.Equal(HttpStatusCode.NotFound, actions.Status);
        Assert.Equal("acp-event-handler-3.0.0", bound["binding"]!["name"]!.GetValue<string>());
        Assert.Empty(await PlumbingAsync(type.ProviderId));
    }

    private static string Header(JsonObject headers, string name) =>
        headers.First(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value![0]!.GetValue<string>();

    private static Dictionary<string, string> SentHeaders(JsonNode request) => request["requestHeaders"]!.AsObject()
        .Where(h => h.Key.StartsWith("x-", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value![0]!.GetValue<string>(), StringComparer.Ordinal);

    private (string Body, Dictionary<string, string> Headers) Forge(string forgery, JsonNode request)
    {
        var body = request["requestBody"]!.GetValue<string>();
        var headers = SentHeaders(request);
        switch (forgery)
        {
            case "an altered body":
                body = body.Replace("\"quantity\":3", "\"quantity\":3000", StringComparison.Ordinal);
                Assert.Contains("3000", body, StringComparison.Ordinal);
                break;
            case "no signatures":
                headers.Remove("x-adobe-digital-signature-1");
                headers.Remove("x-adobe-digital-signature-2");
                break;
            case "signatures of another body":
                var other = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('x', 256)));
                headers["x-adobe-digital-signature-1"] = headers["x-adobe-digital-signature-2"] = other;
                break;
            case "a key path to another host":
                headers["x-adobe-public-key1-path"] = $"@{running.Server.Address.Authority}{headers["x-adobe-public-key1-path"]}";
                headers["x-adobe-public-key2-path"] = $"//{running.Server.Address.Authority}{headers["x-adobe-public-key2-path"]}";
                break;
            case "another recipient":
                body = body.Replace(Client.Console.ClientId, "somebody-else", StringComparison.Ordinal);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(forgery), forgery, "No such forgery.");
        }

        return (body, headers);
    }

    private Task<Answer> PostToHandlerAsync(JsonNode request, string body, Dictionary<string, string> headers) => Client.SendAsync(
        HttpMethod.Post,
        request["requestUrl"]!.GetValue<string>(),
        authorization: null,
        new StringContent(body, Encoding.UTF8, "application/cloudevents+json"),
        apiKey: string.Empty,
        headers);

    private Task<JsonNode> FindRunAsync(string action, string eventId) => Eventually.FindAsync(
        $"the activation of {action} for {eventId}",
        async () => (await Client.ListActivationsAsync(action)).FirstOrDefault(r => r["logs"]!.ToJsonString().Contains($"got {eventId}", StringComparison.Ordinal)));

    private async Task<IReadOnlyList<string>> PlumbingAsync(string providerId)
    {
        var provider = (await Client.EventsAsync(HttpMethod.Get, $"/events/providers/{providerId}")).Expect(HttpStatusCode.OK).Json;
        var instance = provider["instance_id"]!.GetValue<string>();
        var actions = (await Client.RuntimeAsync(HttpMethod.Get, "/actions?limit=50")).Expect(HttpStatusCode.OK).Json.AsArray();
        return [.. actions.Select(a => a!["name"]!.GetValue<string>()).Where(name => name.Contains(instance, StringComparison.Ordinal))];
    }
}
