using System.Text.Json.Nodes;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Replays;

/// <summary>Finds the one event that is to be delivered again, by either of its ids.</summary>
internal sealed class EventChoice(EventsClient api, string registrationPath)
{
    private readonly string _stories = $"/events/{Uri.EscapeDataString(api.OrganizationId)}/stories";
    private readonly string _registrationId = registrationPath[(registrationPath.LastIndexOf('/') + 1)..];

    /// <summary>The service's id of the event with that id; else of the only event of the registration that its publisher gave that id.</summary>
    /// <exception cref="DeveloperException">There is none, or there are several; the message names them.</exception>
    public async Task<string> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (Guid.TryParseExact(id, "D", out _) && await api.FindAsync($"{_stories}/{id}", cancellationToken) is not null)
        {
            return id;
        }

        var published = await api.FindAsync($"{_stories}?id={Uri.EscapeDataString(id)}", cancellationToken);
        var own = new List<string>();
        foreach (var eventId in (published?["events"]?.AsArray() ?? []).Select(e => (string)e!["event_id"]!))
        {
            if (await api.FindAsync($"{_stories}/{eventId}", cancellationToken) is { } story && story["deliveries"]!.AsArray().Any(IsOwn))
            {
                own.Add(eventId);
            }
        }

        return own switch
        {
            [var one] => one,
            [] => throw new DeveloperException(
                $"The registration got no event '{Screen.Harmless(id)}', neither by the id that the service gave it ('eventid', 'x-adobe-event-id') nor by the 'id' that its publisher gave it. Events are kept as long as the journal."),
            _ => throw new DeveloperException(
                $"The registration got {own.Count} events that were published as '{Screen.Harmless(id)}'. Give the one that is meant, newest first: {string.Join(", ", own)}"),
        };
    }

    private bool IsOwn(JsonNode? delivery) => (string?)delivery!["registration_id"] == _registrationId;
}
