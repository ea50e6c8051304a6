using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>A registration as its owner sees it; deleted at the end, because a credential may have 30 only.</summary>
internal sealed class Registration(ServerClient client, JsonNode created) : IAsyncDisposable
{
    /// <summary>The resource as it was answered to its creation.</summary>
    public JsonNode Created => created;

    public string Id => created["registration_id"]!.GetValue<string>();

    public string Name => created["name"]!.GetValue<string>();

    /// <summary>The registration's path in the management API.</summary>
    public string Path => $"{client.Console.WorkspacePath}/registrations/{Id}";

    public string JournalPath => $"/events/organizations/{client.Console.OrganizationId}/integrations/{client.Console.CredentialId}/{Id}";

    /// <summary>The traced attempts, newest first, without the challenge probes.</summary>
    public async Task<IReadOnlyList<JsonNode>> GetTracesAsync()
    {
        var answer = (await client.EventsAsync(
            HttpMethod.Get,
            $"/events/organizations/{client.Console.OrganizationId}/integrations/{client.Console.CredentialId}/tracing/{Id}")).Expect(HttpStatusCode.OK);
        return [.. answer.Json.AsArray().Where(t => t!["event"]!.GetValue<string>() != "challenge").Select(t => t!)];
    }

    /// <summary>The newest traced attempt of an event, when there are that many.</summary>
    /// <param name="eventId">The id that the publisher gave it.</param>
    /// <param name="attempts">How many attempts to wait for.</param>
    public Task<JsonNode> FindTraceAsync(string eventId, int attempts = 1, TimeSpan? within = null) => Eventually.FindAsync(
        $"attempt {attempts} of {eventId} in the trace",
        async () =>
        {
            var traces = (await GetTracesAsync()).Where(t => EventIdOf(t) == eventId).ToList();
            return traces.Count >= attempts ? traces[0] : null;
        },
        within);

    /// <summary>All events in the journal, following its links to the end.</summary>
    public async Task<IReadOnlyList<JsonNode>> ReadJournalAsync()
    {
        var events = new List<JsonNode>();
        var path = JournalPath;
        while (true)
        {
            var page = await client.EventsAsync(HttpMethod.Get, path);
            if (page.Status == HttpStatusCode.NoContent)
            {
                return events;
            }

            events.AddRange(page.Expect(HttpStatusCode.OK).Json["events"]!.AsArray().Select(e => e!));
            path = LinkHeader.Find(page, "next");
        }
    }

    public async ValueTask DisposeAsync() => (await client.EventsAsync(HttpMethod.Delete, Path)).Expect(HttpStatusCode.NoContent);

    private static string? EventIdOf(JsonNode trace) =>
        JsonNode.Parse(trace["trace"]!["tracingRequest"]!["requestBody"]!.GetValue<string>())?["id"]?.GetValue<string>();
}
