using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Demo;

/// <summary>
/// The whole way of an event, told step by step with real parts. Everything goes through the public APIs; each step
/// checks what it tells, and a step that did not happen as told ends the story with a <see cref="DemoException"/>.
/// </summary>
internal sealed class DemoStory(DemoClient client, StoryTeller teller, TimeProvider clock, string actionCode, Uri server)
{
    private const string ActionName = "shop/hello-event";
    private const string EventCode = "com.example.order.placed";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        await DeployAsync(cancellationToken);
        var providerId = await CreateProviderAsync(cancellationToken);
        var registrationId = await RegisterAsync(providerId, cancellationToken);
        var delivered = await DeliverAsync(providerId, registrationId, cancellationToken);
        await FailAsync(providerId, registrationId, cancellationToken);
        await ForgeAsync(delivered, cancellationToken);
    }

    private async Task DeployAsync(CancellationToken cancellationToken)
    {
        teller.Chapter("Deploy your action (samples/hello-event/index.js)");
        await client.SignInAsync(cancellationToken);
        await client.RuntimeAsync(HttpMethod.Put, "/packages/shop?overwrite=true", new JsonObject(), HttpStatusCode.OK, cancellationToken);
        var action = await client.RuntimeAsync(
            HttpMethod.Put,
            $"/actions/{ActionName}?overwrite=true",
            new JsonObject { ["exec"] = new JsonObject { ["kind"] = "nodejs:default", ["code"] = actionCode } },
            HttpStatusCode.OK,
            cancellationToken);
        teller.Done($"/{client.Namespace}/{ActionName}, kind {action!["exec"]!["kind"]}: private, so that only validated events reach it");
    }

    private async Task<string> CreateProviderAsync(CancellationToken cancellationToken)
    {
        teller.Chapter("Create a provider and say which events it publishes");
        var provider = await client.EventsAsync(
            HttpMethod.Post,
            $"{client.WorkspacePath}/providers",
            new JsonObject { ["label"] = "Example shop", ["description"] = "Orders of the demo" },
            HttpStatusCode.Created,
            cancellationToken);
        var id = provider!["id"]!.GetValue<string>();
        await client.EventsAsync(
            HttpMethod.Post,
            $"{client.WorkspacePath}/providers/{id}/eventmetadata",
            new JsonObject { ["event_code"] = EventCode, ["label"] = "Order placed", ["description"] = "A customer placed an order" },
            HttpStatusCode.Created,
            cancellationToken);
        teller.Done($"provider {id}");
        teller.Done($"event {EventCode}");
        return id;
    }

    private async Task<string> RegisterAsync(string providerId, CancellationToken cancellationToken)
    {
        teller.Chapter("Register the action for the event");
        var registration = await client.EventsAsync(
            HttpMethod.Post,
            $"{client.WorkspacePath}/registrations",
            new JsonObject
            {
                ["name"] = "Ship what was ordered",
                ["client_id"] = client.ClientId,
                ["delivery_type"] = "webhook",
                ["runtime_action"] = ActionName,
                ["events_of_interest"] = new JsonArray(new JsonObject { ["provider_id"] = providerId, ["event_code"] = EventCode }),
            },
            HttpStatusCode.Created,
            cancellationToken);
        var status = registration!["webhook_status"]!.GetValue<string>();
        Check(status == "verified", $"the registration is {status}, not verified");
        var id = registration["registration_id"]!.GetValue<string>();
        teller.Done($"registration {id} is {status}; Signalbox put a signature validator in front of the action:");
        var actions = await client.RuntimeAsync(HttpMethod.Get, "/actions", null, HttpStatusCode.OK, cancellationToken);
        foreach (var entry in actions!.AsArray().OrderBy(a => a!["updated"]!.GetValue<long>()))
        {
            teller.Quote($"/{entry!["namespace"]}/{entry["name"]}");
        }

        return id;
    }

    private async Task<JsonNode> DeliverAsync(string providerId, string registrationId, CancellationToken cancellationToken)
    {
        teller.Chapter("Publish a CloudEvent");
        var since = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var published = await PublishAsync(providerId, "order-1", 3, cancellationToken);
        teller.Done($"{published["type"]} {published["id"]}: durable on disk, then acknowledged with 200");

        var trace = await FindTraceAsync(registrationId, "order-1", cancellationToken);
        var request = trace["trace"]!["tracingRequest"]!;
        var response = trace["trace"]!["tracingResponse"]!;
        Check(response["responseCode"]!.GetValue<int>() == 200, $"the delivery ended with {response["responseCode"]}: {response["responseBody"]}");
        teller.Done("delivered; these headers went with it:");
        foreach (var (name, values) in request["requestHeaders"]!.AsObject().OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            teller.Fact(name, Shorten(values![0]!.GetValue<string>()));
        }

        Check(
            request["requestHeaders"]!["x-adobe-digital-signature-1"] is not null && request["requestHeaders"]!["x-adobe-digital-signature-2"] is not null,
            "the delivery lacks a signature");

        var activations = await FindActivationsAsync(since, cancellationToken);
        teller.Done("handler, validator and action ran; each left an activation:");
        foreach (var activation in activations)
        {
            teller.Fact(activation["activationId"]!.GetValue<string>(), $"{activation["duration"],5} ms  {Shorten(activation["name"]!.GetValue<string>())}");
        }

        var run = activations.First(a => a["name"]!.GetValue<string>() == "hello-event");
        teller.Done($"what the action printed  (aio rt activation logs {run["activationId"]}):");
        await QuoteLogsAsync(run["activationId"]!.GetValue<string>(), cancellationToken);
        teller.Done("what it answered, as debug tracing shows it:");
        teller.Quote($"{response["responseCode"]} after {response["responseTime"]} ms\n{response["responseBody"]}");
        return trace;
    }

    private async Task FailAsync(string providerId, string registrationId, CancellationToken cancellationToken)
    {
        teller.Chapter("Publish an event that makes the action throw");
        await PublishAsync(providerId, "order-2", -1, cancellationToken);
        var trace = await FindTraceAsync(registrationId, "order-2", cancellationToken);
        var response = trace["trace"]!["tracingResponse"]!;
        Check(response["responseCode"]!.GetValue<int>() == 500, $"the delivery ended with {response["responseCode"]}, not 500");
        teller.Done("answered 500 with the failed activation's id; Signalbox tries again in 1, 2, 4, 8, 15 … minutes, for 24 hours:");
        teller.Quote(response["responseBody"]!.GetValue<string>());
        var id = JsonNode.Parse(response["responseBody"]!.GetValue<string>())!["activation_id"]!.GetValue<string>();
        teller.Done($"why  (aio rt activation logs {id}):");
        await QuoteLogsAsync(id, cancellationToken);
    }

    private async Task ForgeAsync(JsonNode delivered, CancellationToken cancellationToken)
    {
        teller.Chapter("Forge a delivery: the traced request again, with another quantity, straight to the handler");
        var before = await CountRunsAsync(cancellationToken);
        var request = delivered["trace"]!["tracingRequest"]!;
        var forgedBody = request["requestBody"]!.GetValue<string>().Replace("\"quantity\":3", "\"quantity\":3000", StringComparison.Ordinal);
        var headers = request["requestHeaders"]!.AsObject()
            .Where(h => h.Key.StartsWith("x-adobe-", StringComparison.Ordinal) || h.Key == "content-type")
            .Select(h => KeyValuePair.Create(h.Key, h.Value![0]!.GetValue<string>()));
        var url = new Uri(request["requestUrl"]!.GetValue<string>());
        var (status, body) = await client.PostRawAsync(url, forgedBody, headers, cancellationToken);
        Check(status == HttpStatusCode.Unauthorized, $"the forged delivery was answered with {(int)status}: {body}");
        teller.Done("refused with 401 and the validator's failed activation:");
        teller.Quote(body);
        var id = JsonNode.Parse(body)!["activation_id"]!.GetValue<string>();
        await QuoteLogsAsync(id, cancellationToken);
        var after = await CountRunsAsync(cancellationToken);
        Check(after == before, $"the action ran {after - before} times for a forged delivery");
        teller.Done("the action did not run");
    }

    private async Task<JsonNode> PublishAsync(string providerId, string id, int quantity, CancellationToken cancellationToken)
    {
        var cloudEvent = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = $"urn:uuid:{providerId}",
            ["type"] = EventCode,
            ["datacontenttype"] = "application/json",
            ["data"] = new JsonObject { ["item"] = "signal lamp", ["quantity"] = quantity },
        };
        await client.EventsAsync(HttpMethod.Post, "/ingress", cloudEvent, HttpStatusCode.OK, cancellationToken, "application/cloudevents+json");
        return cloudEvent;
    }

    private Task<JsonNode> FindTraceAsync(string registrationId, string cloudEventId, CancellationToken cancellationToken) => PollAsync(
        $"a trace of {cloudEventId}",
        async () =>
        {
            var traces = await client.EventsAsync(
                HttpMethod.Get,
                $"/events/organizations/{client.OrganizationId}/integrations/{client.CredentialId}/tracing/{registrationId}",
                null,
                HttpStatusCode.OK,
                cancellationToken);
            return traces!.AsArray().FirstOrDefault(t =>
                t!["event"]!.GetValue<string>() == EventCode
                && JsonNode.Parse(t["trace"]!["tracingRequest"]!["requestBody"]!.GetValue<string>())!["id"]!.GetValue<string>() == cloudEventId);
        },
        cancellationToken);

    /// <summary>The handler's, validator's and action's activations of one delivery, oldest first.</summary>
    private Task<List<JsonNode>> FindActivationsAsync(long since, CancellationToken cancellationToken) => PollAsync(
        "the activations of the delivery",
        async () =>
        {
            var all = (await client.RuntimeAsync(HttpMethod.Get, $"/activations?since={since}&limit=50", null, HttpStatusCode.OK, cancellationToken))!
                .AsArray().Select(a => a!).Where(a => a["duration"] is not null).OrderBy(a => a["start"]!.GetValue<long>()).ToList();
            return all.Any(a => a["name"]!.GetValue<string>() == "hello-event") ? all : null;
        },
        cancellationToken);

    private async Task<int> CountRunsAsync(CancellationToken cancellationToken) =>
        (await client.RuntimeAsync(HttpMethod.Get, $"/activations?name={ActionName}&count=true", null, HttpStatusCode.OK, cancellationToken))!
        ["activations"]!.GetValue<int>();

    private async Task QuoteLogsAsync(string activationId, CancellationToken cancellationToken)
    {
        var logs = await client.RuntimeAsync(HttpMethod.Get, $"/activations/{activationId}/logs", null, HttpStatusCode.OK, cancellationToken);
        foreach (var line in logs!["logs"]!.AsArray())
        {
            teller.Quote(line!.GetValue<string>());
        }
    }

    private async Task<T> PollAsync<T>(string what, Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        var deadline = TimeProvider.System.GetTimestamp() + (long)(_patience.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (TimeProvider.System.GetTimestamp() < deadline)
        {
            if (await look() is { } found)
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        throw new DemoException($"{what} did not appear within {_patience.TotalSeconds} s at {server}");
    }

    private static string Shorten(string value) => value.Length <= 72 ? value : $"{value[..56]}… ({value.Length} characters)";

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new DemoException(otherwise);
        }
    }
}
