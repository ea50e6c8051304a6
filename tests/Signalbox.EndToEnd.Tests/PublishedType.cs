using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>A provider of the test's own with one event type: what a test publishes, registers for and traces.</summary>
internal sealed class PublishedType
{
    private readonly ServerClient _client;
    private int _published;
    private int _registered;

    private PublishedType(ServerClient client, string providerId, string eventCode)
    {
        _client = client;
        ProviderId = providerId;
        EventCode = eventCode;
    }

    public string ProviderId { get; }

    public string EventCode { get; }

    public static async Task<PublishedType> CreateAsync(ServerClient client, string eventCode = "com.example.order.placed")
    {
        var path = client.Console.WorkspacePath;
        var provider = (await client.EventsAsync(HttpMethod.Post, $"{path}/providers", new JsonObject { ["label"] = "End to end" }))
            .Expect(HttpStatusCode.Created);
        var id = provider.Json["id"]!.GetValue<string>();
        (await client.EventsAsync(HttpMethod.Post, $"{path}/providers/{id}/eventmetadata", new JsonObject
        {
            ["event_code"] = eventCode,
            ["label"] = "Order placed",
            ["description"] = "A customer placed an order",
        })).Expect(HttpStatusCode.Created);
        return new PublishedType(client, id, eventCode);
    }

    /// <summary>A registration of an action, verified.</summary>
    public Task<Registration> RegisterActionAsync(string action, bool isBatch = false) =>
        RegisterAsync(new JsonObject { ["delivery_type"] = isBatch ? "webhook_batch" : "webhook", ["runtime_action"] = action });

    /// <summary>A registration of a webhook, verified.</summary>
    public Task<Registration> RegisterWebhookAsync(WebhookListener listener) =>
        RegisterAsync(new JsonObject { ["delivery_type"] = "webhook", ["webhook_url"] = listener.Url.AbsoluteUri });

    /// <summary>A registration that is read by its journal only.</summary>
    public Task<Registration> RegisterJournalAsync() => RegisterAsync(new JsonObject { ["delivery_type"] = "journal" });

    /// <summary>Publishes one event and returns its id when the server acknowledged it.</summary>
    public async Task<string> PublishAsync(JsonNode? data = null, string? id = null)
    {
        id ??= $"event-{Interlocked.Increment(ref _published).ToString(CultureInfo.InvariantCulture)}";
        (await TryPublishAsync(id, data)).Expect(HttpStatusCode.OK);
        return id;
    }

    /// <summary>Publishes one event; the answer is the caller's to judge.</summary>
    public Task<Answer> TryPublishAsync(string id, JsonNode? data = null) => _client.EventsAsync(
        HttpMethod.Post,
        "/ingress",
        new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = $"urn:uuid:{ProviderId}",
            ["type"] = EventCode,
            ["datacontenttype"] = "application/json",
            ["data"] = data,
        },
        "application/cloudevents+json");

    private async Task<Registration> RegisterAsync(JsonObject target)
    {
        target["name"] = $"{EventCode} {ProviderId} {(++_registered).ToString(CultureInfo.InvariantCulture)}";
        target["client_id"] = _client.Console.ClientId;
        target["events_of_interest"] = new JsonArray(new JsonObject { ["provider_id"] = ProviderId, ["event_code"] = EventCode });
        var created = (await _client.EventsAsync(HttpMethod.Post, $"{_client.Console.WorkspacePath}/registrations", target)).Expect(HttpStatusCode.Created);
        Assert.Equal("verified", created.Json["webhook_status"]!.GetValue<string>());
        return new Registration(_client, created.Json);
    }
}
