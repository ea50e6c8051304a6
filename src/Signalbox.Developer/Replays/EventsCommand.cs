using System.CommandLine;
using System.Text.Json.Nodes;
using Signalbox.Developer.Connection;

namespace Signalbox.Developer.Replays;

/// <summary><c>signalbox events replay</c>: delivers events again to one registration, and shows how far that is.</summary>
internal static class EventsCommand
{
    private static readonly TimeSpan _watchEvery = TimeSpan.FromSeconds(1);

    public static Command Create(string defaultDataDirectory) => new("events", "Work with events of a running server")
    {
        CreateReplay(defaultDataDirectory),
    };

    private static Command CreateReplay(string defaultDataDirectory)
    {
        var command = new Command("replay", "Deliver events again to one registration: one event, what failed since a time, or a range of time");
        var target = new RegistrationArguments(command, defaultDataDirectory);
        foreach (var below in (Command[])[CreateList(defaultDataDirectory), CreateCancel(defaultDataDirectory)])
        {
            command.Add(below);
            target.RefuseBefore(below);
        }

        var one = new Option<string>("--event") { Description = "One event, by its 'eventid' or by the 'id' that its publisher gave it", HelpName = "ID" };
        var failedSince = new Option<string>("--failed-since") { Description = "All deliveries that failed for good since then, such as 2026-01-31T12:00:00Z", HelpName = "TIME" };
        var failedBefore = new Option<string>("--failed-before") { Description = "With --failed-since: and before then", HelpName = "TIME" };
        var reason = new Option<string>("--reason") { Description = "With --failed-since: only those of this reason, such as endpoint_rejected or retries_exhausted", HelpName = "REASON" };
        var from = new Option<string>("--from") { Description = "All events received from then on", HelpName = "TIME" };
        var to = new Option<string>("--to") { Description = "With --from: and before then. Default: now", HelpName = "TIME" };
        var watch = new Option<bool>("--watch") { Description = "Wait for its end and show its progress; ends with 1 when it was cancelled or some events failed" };
        foreach (var option in new Option[] { one, failedSince, failedBefore, reason, from, to, watch })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, cancellationToken, async (api, path) =>
        {
            var body = new JsonObject();
            foreach (var (name, option) in new[]
            {
                ("event_id", one), ("failed_since", failedSince), ("failed_before", failedBefore), ("reason", reason), ("from", from), ("to", to),
            })
            {
                if (parsed.GetValue(option) is { } value)
                {
                    body[name] = value;
                }
            }

            if ((string?)body["event_id"] is { Length: > 0 } id)
            {
                body["event_id"] = await new EventChoice(api, path).FindAsync(id, cancellationToken);
            }

            var replay = new ReplayView((await api.SendAsync(HttpMethod.Post, $"{path}/replays", body, cancellationToken))!);
            Console.WriteLine(replay.StartLine);
            if (!parsed.GetValue(watch))
            {
                return 0;
            }

            while (!replay.IsEnded)
            {
                var shown = replay.ProgressLine;
                await Task.Delay(_watchEvery, cancellationToken);
                replay = new ReplayView((await api.SendAsync(HttpMethod.Get, $"{path}/replays/{replay.Id}", null, cancellationToken))!);
                if (replay.ProgressLine != shown)
                {
                    Console.WriteLine(replay.ProgressLine);
                }
            }

            return replay.IsFailed ? 1 : 0;
        }));
        return command;
    }

    private static Command CreateList(string defaultDataDirectory)
    {
        var command = new Command("list", "List a registration's replays, newest first");
        var target = new RegistrationArguments(command, defaultDataDirectory);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, cancellationToken, async (api, path) =>
        {
            var list = (await api.SendAsync(HttpMethod.Get, $"{path}/replays?limit=100", null, cancellationToken))!;
            foreach (var replay in list["_embedded"]!["replays"]!.AsArray())
            {
                Print(replay!);
            }
        }));
        return command;
    }

    private static Command CreateCancel(string defaultDataDirectory)
    {
        var command = new Command("cancel", "Stop a replay; what it owed and was not delivered becomes dead letters");
        var target = new RegistrationArguments(command, defaultDataDirectory);
        var id = new Argument<string>("ID") { Description = "The replay's id" };
        command.Add(id);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, cancellationToken, async (api, path) =>
            Print((await api.SendAsync(HttpMethod.Delete, $"{path}/replays/{Uri.EscapeDataString(parsed.GetValue(id)!)}", null, cancellationToken))!)));
        return command;
    }

    private static void Print(JsonNode replay) => Console.WriteLine(new ReplayView(replay).Line);
}
