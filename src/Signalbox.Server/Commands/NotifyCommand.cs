using System.CommandLine;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox notify --test</c>: tries the ways to administrators.</summary>
internal static class NotifyCommand
{
    public static Command Create()
    {
        var test = new Option<bool>("--test") { Description = "Send a test message by every channel and tell how each answered" };
        var organization = new Option<string>("--organization") { Description = "To the administrators of this organization. Default: to those of all others", HelpName = "ID" };
        var command = new Command("notify", "Test the notification of administrators") { test, organization };
        command.Validators.Add(given =>
        {
            if (!given.GetValue(test))
            {
                given.AddError("Say --test: it sends a test message by every channel. Nothing else is sent by hand.");
            }
        });
        return command.Administers(async (parsed, client, cancellationToken) =>
        {
            var id = Uri.EscapeDataString(parsed.GetValue(organization) ?? "");
            var answer = await client.PostAsync($"/admin/notifications/test?organization={id}", new JsonObject(), cancellationToken);
            var failed = 0;
            foreach (var channel in answer["channels"]!.AsArray())
            {
                var sent = (bool?)channel!["sent"];
                failed += sent is false ? 1 : 0;
                Console.WriteLine($"{channel["channel"],-8} {(sent switch { true => "sent", false => "FAILED", null => "-" }),-7} {channel["detail"]}");
            }

            return failed == 0 ? 0 : 1;
        });
    }
}
