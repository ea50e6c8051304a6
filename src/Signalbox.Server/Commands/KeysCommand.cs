using System.CommandLine;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox keys</c>: shows and replaces the keys that sign deliveries.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var show = new Command("show", "Show the signing keys, the retired ones included").Administers(async (_, client, cancellationToken) =>
        {
            Print(await client.GetAsync("/admin/keys", cancellationToken));
            return 0;
        });

        var slot = new Option<int?>("--slot") { Description = "1 or 2. Default: the one whose key is older", HelpName = "1|2" };
        slot.AcceptOnlyFromAmong("1", "2");
        var force = new Option<bool>("--force") { Description = "Also when the other key was replaced within 24 hours" };
        var rotate = new Command("rotate", "Replace one of the two signing keys of the running server") { slot, force };
        rotate.Administers(async (parsed, client, cancellationToken) =>
        {
            var body = new JsonObject { ["slot"] = parsed.GetValue(slot), ["force"] = parsed.GetValue(force) };
            Print(await client.PostAsync("/admin/keys/rotate", body, cancellationToken));
            return 0;
        });
        return new Command("keys", "The two keys that sign deliveries") { show, rotate };
    }

    private static void Print(JsonNode answer)
    {
        foreach (var key in answer["keys"]!.AsArray())
        {
            var state = key!["retired_at"] is { } retired ? $"retired {retired}, served until {key["served_until"]}" : "in use";
            Console.WriteLine($"slot {key["slot"]}  {key["path"]}  made {key["created_at"]}  {state}");
        }
    }
}
