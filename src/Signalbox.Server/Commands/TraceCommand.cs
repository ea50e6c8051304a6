using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.Server.Stories;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox trace EVENT_ID</c>: what became of one event, as a time line.</summary>
internal static class TraceCommand
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var command = new Command("trace", "Tell one event's whole story: accepted, matched, each attempt, each activation, what comes next");
        var eventId = new Argument<string>("EVENT_ID") { Description = "The service's id of the event: 'eventid' of a delivered event, its header x-adobe-event-id" };
        var data = new Option<string>("--data")
        {
            Description = $"The server's data directory, whose console.json has the credentials. Default: what 'signalbox env' exported, else {ServerSettings.DefaultDataDirectory}",
            HelpName = "DIR",
        };
        var json = new Option<bool>("--json") { Description = "Print the story as JSON" };
        command.Add(eventId);
        command.Add(data);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var access = StoryAccess.Find(parsed.GetValue(data));
            using var client = new StoryClient(access);
            var story = await client.GetAsync(parsed.GetRequiredValue(eventId), cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? story.ToJsonString(_indented) : StoryText.Write(story));
            return 0;
        });
        return command;
    }
}
