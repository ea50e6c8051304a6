using System.CommandLine;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox console link</c>: a way into the console for whoever lost theirs.</summary>
internal static class ConsoleCommand
{
    public static Command Create()
    {
        var user = new Option<string>("--user") { Description = "Who signs in. Default: the first administrator", HelpName = "NAME" };
        var link = new Command("link", "Print a new one-time link that sets a user's password") { user };
        link.Administers(async (parsed, client, cancellationToken) =>
        {
            var answer = await client.PostAsync(
                $"/admin/console/link?user={Uri.EscapeDataString(parsed.GetValue(user) ?? "")}", new JsonObject(), cancellationToken);
            Console.WriteLine((string?)answer["link"]);
            return 0;
        });
        return new Command("console", "The web console of the running server") { link };
    }
}
