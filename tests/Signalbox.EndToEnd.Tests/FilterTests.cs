using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>Subscriber-defined filtering, as an API client meets it (events behaviour, section 13).</summary>
public sealed class FilterTests(RunningServer running)
{
    private ServerClient Client => running.Client;

    [Fact]
    public async Task Only_matching_events_reach_the_webhook_and_the_journal_and_all_do_when_the_filter_is_gone()
    {
        await using var webhook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(Client);
        await using var filtered = await type.RegisterWebhookAsync(webhook);
        await using var plain = await type.RegisterJournalAsync();
        var saved = (await Client.EventsAsync(HttpMethod.Post, filtered.Path + "/filters", Filter("Red ones", """{"data":{"colour":["red"]}}""")))
            .Expect(HttpStatusCode.Created);

        await type.PublishAsync(JsonNode.Parse("""{"colour":"blue"}"""), "blue-1");
        await type.PublishAsync(JsonNode.Parse("""{"colour":"red"}"""), "red-1");
        await webhook.FindAsync("the red event", d => d.EventId == "red-1");
        Assert.Equal(["red-1"], await IdsAsync(filtered));
        Assert.Equal(["blue-1", "red-1"], await IdsAsync(plain));

        var path = $"{filtered.Path}/filters/{saved.Json["id"]!.GetValue<string>()}";
        (await Client.EventsAsync(HttpMethod.Put, path, Filter("Blue ones", """{"data":{"colour":[{"prefix":"bl"}]}}"""))).Expect(HttpStatusCode.OK);
        await type.PublishAsync(JsonNode.Parse("""{"colour":"red"}"""), "red-2");
        await type.PublishAsync(JsonNode.Parse("""{"colour":"black"}"""), "black-2");
        await webhook.FindAsync("the black event", d => d.EventId == "black-2");

        (await Client.EventsAsync(HttpMethod.Delete, path)).Expect(HttpStatusCode.NoContent);
        await type.PublishAsync(JsonNode.Parse("""{"colour":"red"}"""), "red-3");
        await webhook.FindAsync("the event without a filter", d => d.EventId == "red-3");

        // Dropped events leave nothing behind: not in the journal, not in traces, and nothing comes late.
        Assert.Equal(["red-1", "black-2", "red-3"], await IdsAsync(filtered));
        await filtered.FindTraceAsync("red-3");
        Assert.Equal(3, (await filtered.GetTracesAsync()).Count);
    }

    [Fact]
    public async Task A_filter_is_tried_before_it_is_saved_and_a_wrong_one_is_told_where()
    {
        var type = await PublishedType.CreateAsync(Client);
        await using var registration = await type.RegisterJournalAsync();
        var trial = new JsonObject
        {
            ["subscriber_filter"] = Filter("Red ones", """{"data":{"colour":["red"]}}"""),
            ["custom_sample_events"] = new JsonArray(
                JsonNode.Parse("""{"name":"red","sample_payload":{"data":{"colour":"red"}}}"""), JsonNode.Parse("""{"name":"blue","sample_payload":{"data":{"colour":"blue"}}}""")),
        };

        var verdict = (await Client.EventsAsync(HttpMethod.Post, registration.Path + "/filter/validate", trial)).Expect(HttpStatusCode.OK).Json;
        var wrong = (await Client.EventsAsync(HttpMethod.Post, registration.Path + "/filters", Filter("Wrong", """{"data":{"colour":"red"}}"""))).Expect(HttpStatusCode.BadRequest);

        Assert.Equal(["red"], verdict["custom_sample_events"]!["matched"]!.AsArray().Select(n => n!.GetValue<string>()));
        Assert.Equal(["blue"], verdict["custom_sample_events"]!["not_matched"]!.AsArray().Select(n => n!.GetValue<string>()));
        Assert.Contains("\"colour\" must be an object or an array", wrong.Json["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("subscriber_filter", wrong.Json["errors"]![0]!["field"]!.GetValue<string>());
        Assert.Empty((await Client.EventsAsync(HttpMethod.Get, registration.Path + "/filters")).Expect(HttpStatusCode.OK).Json.AsArray());
    }

    private static JsonObject Filter(string name, string text) => new() { ["name"] = name, ["subscriber_filter"] = text };

    private static async Task<IReadOnlyList<string>> IdsAsync(Registration registration) =>
        [.. (await registration.ReadJournalAsync()).Select(e => e["event"]!["id"]!.GetValue<string>())];
}
