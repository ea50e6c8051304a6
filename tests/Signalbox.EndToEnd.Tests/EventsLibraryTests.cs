using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>The unmodified package <c>@adobe/aio-lib-events</c>, and the action that Adobe's template writes.</summary>
public sealed class EventsLibraryTests(RunningServer running) : IDisposable
{
    private readonly NodeClient _client = new(running.Server);

    [Fact]
    public async Task It_creates_a_provider_registers_an_action_and_publishes()
    {
        await running.Client.PutActionAsync("shop/library", "function main ({ event }) { return { statusCode: 200, body: event.data } }");

        var happened = await _client.ReportAsync("events.mjs", "action", ("RUNTIME_ACTION", "shop/library"));

        var providerId = Text(happened["provider"]!["id"]);
        Assert.Equal($"urn:uuid:{providerId}", Text(happened["provider"]!["source"]));
        Assert.Equal("3rd_party_custom_events", Text(happened["provided"]!["provider_metadata"]));
        Assert.Equal("com.example.shipped", Text(happened["provided"]!["_embedded"]!["eventmetadata"]![0]!["event_code"]));
        Assert.Contains("3rd_party_custom_events", happened["families"]!.AsArray().Select(Text));
        Assert.Equal("verified", Text(happened["registration"]!["webhook_status"]));
        Assert.Equal("shop/library", Text(happened["again"]!["runtime_action"]));
        Assert.Null(happened["again"]!["webhook_url"]);
        Assert.Contains(Text(happened["registration"]!["registration_id"]), happened["listed"]!.AsArray().Select(Text));
        Assert.Equal("OK", Text(happened["published"]));
        Assert.Equal("parcel-1", Text(happened["journaled"]!["events"]![0]!["event"]!["id"]));

        var registration = new Registration(running.Client, happened["registration"]!);
        var response = (await registration.FindTraceAsync("parcel-1"))["trace"]!["tracingResponse"]!;
        Assert.Equal(200, response["responseCode"]!.GetValue<int>());
        Assert.Equal("parcel-1", Text(JsonNode.Parse(Text(response["responseBody"]))!["parcel"]));

        var removed = await _client.ReportAsync("events.mjs", "deleteRegistration", ("REGISTRATION_ID", registration.Id));
        Assert.Null(removed["deleted"]);
        Assert.Contains("404 - Not Found", Text(removed["after"]!["message"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_method_that_it_has_works()
    {
        var happened = await _client.ReportAsync("events.mjs", "everything");

        Assert.Equal(happened["has"]!.AsArray().Select(Text).Order(), happened["called"]!.AsArray().Select(Text).Order());
        Assert.Equal(Text(happened["provider"]), Text(happened["conflict"]!["details"]!["conflictingId"]));
        Assert.NotEmpty(Text(happened["conflict"]!["details"]!["requestId"]));
        Assert.Equal("Renamed", Text(happened["renamed"]));
        Assert.Equal(["com.example.shipped"], happened["read"]!.AsArray().Select(Text));
        Assert.Equal([Text(happened["provider"])], happened["listed"]!.AsArray().Select(Text));
        Assert.InRange(happened["families"]!.GetValue<int>(), 5, 50);
        Assert.Equal(1, happened["all"]!.GetValue<int>());
        Assert.Equal("Shipped", Text(happened["one"]));
        Assert.Equal("Shipped at last", Text(happened["updated"]));
        Assert.Equal("Changed", Text(happened["again"]));
        Assert.True(happened["got"]!.GetValue<bool>());
        Assert.True(happened["ofWorkspace"]!.GetValue<bool>());
        Assert.Equal(1, happened["ofOrganization"]!["numberOfElements"]!.GetValue<int>());
        Assert.Equal("OK", Text(happened["published"]));
        Assert.Equal("parcel-1", Text(happened["journal"]));
        Assert.Equal("parcel-1", Text(happened["polled"]));
        Assert.Equal(401, happened["forged"]!["error"]!["statusCode"]!.GetValue<int>());
        Assert.Contains("404 - Not Found", Text(happened["gone"]!["message"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_reads_the_journal_by_limit_since_latest_and_links()
    {
        var happened = await _client.ReportAsync("events.mjs", "journal");

        string[] ids = ["parcel-1", "parcel-2", "parcel-3"];
        Assert.Equal("verified", Text(happened["registration"]!["webhook_status"]));
        Assert.True(happened["registration"]!["enabled"]!.GetValue<bool>());
        Assert.Equal(10_000, happened["empty"]!["retryAfter"]!.GetValue<int>());
        Assert.Equal(ids[..2], EventIds(happened["first"]!));
        Assert.Equal(ids[2..], EventIds(happened["next"]!));
        Assert.Equal(ids[1..], EventIds(happened["since"]!));
        Assert.Equal(ids, EventIds(happened["afterLatest"]!));
        Assert.Contains("get journal events failed with 400 Bad Request", Text(happened["refused"]!["message"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_poller_sees_every_event()
    {
        var happened = await _client.ReportAsync("events.mjs", "poll");

        Assert.Equal(["parcel-1", "parcel-2", "parcel-3", "parcel-4"], happened["seen"]!.AsArray().Select(Text));
    }

    [Fact]
    public async Task Its_verifier_accepts_what_a_webhook_received_and_refuses_forgeries()
    {
        await using var webhook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(running.Client);
        await using var registration = await type.RegisterWebhookAsync(webhook);
        await type.PublishAsync(new JsonObject { ["parcel"] = "ä \"quoted\"" }, "order-1");
        var delivery = await webhook.FindAsync("the delivery", d => d.EventId == "order-1");
        var file = Path.Combine(_client.Home, "delivery.json");
        await File.WriteAllTextAsync(file, new JsonObject
        {
            ["body"] = delivery.Text,
            ["headers"] = new JsonObject(delivery.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value))),
        }.ToJsonString());

        var happened = await _client.ReportAsync("events.mjs", "verify", ("DELIVERY", file), Redirected());

        Assert.True(happened["genuine"]!.GetValue<bool>());
        Assert.True(happened["onlyFirst"]!.GetValue<bool>());
        Assert.True(happened["onlySecond"]!.GetValue<bool>());
        Assert.Null(happened["neither"]);
        Assert.Null(happened["altered"]);
        Assert.Equal(401, happened["otherRecipient"]!["error"]!["statusCode"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_action_of_Adobes_event_template_runs_unmodified()
    {
        var happened = await _client.ReportAsync("event-template.mjs", "generateAndDeploy", Redirected());

        Assert.Equal("OK", Text(happened["published"]));
        Assert.Contains("logger.info(params)", Text(happened["code"]), StringComparison.Ordinal);
        Assert.Contains("AIO_EVENTS_PROVIDERMETADATA_TO_PROVIDER_MAPPING=3rd_party_custom_events:", Text(happened["env"]), StringComparison.Ordinal);
        Assert.Equal("verified", Text(happened["registered"]!["webhook_status"]));
        var registration = new Registration(running.Client, happened["registered"]!);
        var response = (await registration.FindTraceAsync("template-1", within: TimeSpan.FromSeconds(60)))["trace"]!["tracingResponse"]!;
        Assert.InRange(response["responseCode"]!.GetValue<int>(), 200, 204);
        var run = Assert.Single(await running.Client.ListActivationsAsync(Text(happened["deployed"])));
        Assert.Contains("template-1", run["logs"]!.ToJsonString(), StringComparison.Ordinal);
        await registration.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    private static (string Name, string Value) Redirected() => ("NODE_OPTIONS", $"--require {Path.Combine(Repository.Clients, "redirect.cjs")}");

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    private static IEnumerable<string> EventIds(JsonNode page) => page["events"]!.AsArray().Select(e => Text(e!["event"]!["id"]));
}
