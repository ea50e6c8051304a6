using System.CommandLine;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Stories;

/// <summary><c>signalbox trace EVENT_ID</c>: what became of one event, as a time line.</summary>
internal static class TraceCommand
{
    public static Command Create(string defaultDataDirectory)
    {
        var command = new Command("trace", "Tell one event's whole story: accepted, matched, each attempt, each activation, what comes next");
        var eventId = new Argument<string>("EVENT_ID") { Description = "The service's id of the event (x-adobe-event-id in the answer to its publish and in its deliveries, 'eventid' in the journal), or the 'id' that its publisher gave it" };
        var data = new Option<string>("--data")
        {
            Description = $"The server's data directory, whose console.json has the credentials. Default: what 'signalbox env' exported, else {defaultDataDirectory}",
            HelpName = "DIR",
        };
        var json = new Option<bool>("--json") { Description = "Print the story as JSON" };
        command.Add(eventId);
        command.Add(data);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var credentials = WorkspaceCredentials.Find(parsed.GetValue(data), defaultDataDirectory);
            using var api = await EventsClient.SignInAsync(credentials, cancellationToken);
            var id = parsed.GetRequiredValue(eventId);
            var told = await new StoryFinder(api, credentials.OrganizationId).TellAsync(id, cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? Json.Indented(told.Story) : StoryText.Write(told.Story));
            if (told.Older.Count > 0)
            {
                await Console.Error.WriteLineAsync(
                    $"signalbox: this is the newest event that was published as '{id}'. Earlier ones: {string.Join(", ", told.Older)}");
            }

            return 0;
        });
        return command;
    }
}
