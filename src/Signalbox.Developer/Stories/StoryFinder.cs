using Signalbox.Developer.Connection;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Stories;

/// <summary>Asks a running server for a story.</summary>
internal sealed class StoryFinder(EventsClient api, string organizationId)
{
    /// <summary>The story of the event with that id; else of the newest event that its publisher gave that id.</summary>
    /// <exception cref="DeveloperException">There is no such event, or the server does not answer; the message says which.</exception>
    public async Task<ToldStory> TellAsync(string id, CancellationToken cancellationToken)
    {
        var stories = $"/events/{Uri.EscapeDataString(organizationId)}/stories";
        if (Guid.TryParseExact(id, "D", out _) && await api.FindAsync($"{stories}/{id}", cancellationToken) is { } story)
        {
            return new ToldStory(story, []);
        }

        var published = await api.FindAsync($"{stories}?id={Uri.EscapeDataString(id)}", cancellationToken);
        string[] ids = [.. (published?["events"]?.AsArray() ?? []).Select(e => (string)e!["event_id"]!)];
        return ids.Length > 0 && await api.FindAsync($"{stories}/{ids[0]}", cancellationToken) is { } newest
            ? new ToldStory(newest, ids[1..])
            : throw new DeveloperException(
                $"Organization {organizationId} knows no event '{Screen.Harmless(id)}', neither by the id that the service gave it ('eventid', 'x-adobe-event-id') nor by the 'id' that its publisher gave it. Events are kept as long as the journal; what nobody wanted or every filter dropped is not kept.");
    }
}
