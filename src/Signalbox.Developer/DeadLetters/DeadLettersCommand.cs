using System.CommandLine;
using System.Text.Json.Nodes;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Replays;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.DeadLetters;

/// <summary><c>signalbox dead-letters</c>: the deliveries of a registration that ended without success.</summary>
internal static class DeadLettersCommand
{
    public static Command Create(string defaultDataDirectory) => new("dead-letters", "List, show, redrive and purge deliveries that ended without success")
    {
        CreateList(defaultDataDirectory), CreateShow(defaultDataDirectory), CreateRedrive(defaultDataDirectory), CreatePurge(defaultDataDirectory),
    };

    private static Command CreateList(string defaultDataDirectory)
    {
        var command = new Command("list", "List a registration's dead letters, newest first, and how many there are of each reason");
        var target = new RegistrationArguments(command, defaultDataDirectory);
        var filter = new FilterOptions(command);
        var limit = NumberOption.Create("--limit", "How many to list (1 to 100). Default 20", 1, 100);
        var olderThan = new Option<string>("--older-than") { Description = "Only those that are listed behind this one: the next page", HelpName = "ID" };
        command.Add(limit);
        command.Add(olderThan);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, cancellationToken, async (api, path) =>
        {
            var list = (await api.SendAsync(
                HttpMethod.Get, $"{path}/dead-letters?limit={parsed.GetValue(limit) ?? 20}{filter.Query(parsed)}{FilterOptions.Part("after", parsed.GetValue(olderThan))}", null, cancellationToken))!;
            var letters = list["_embedded"]!["dead_letters"]!.AsArray();
            if (letters.Count == 0)
            {
                Console.WriteLine(parsed.GetValue(olderThan) is null ? "No dead letters." : "No more dead letters.");
            }
            else
            {
                Console.WriteLine($"{"ID",-19} {"DIED",-25} {"REASON",-22} {"FAULT OF",-10} {"CODE",-4} {"ATTEMPTS",-8} {"EVENT",-36}  EVENT CODE");
            }

            foreach (var letter in letters)
            {
                var attempts = (int)letter!["attempts"]!;
                Console.WriteLine(
                    $"{(string?)letter["id"],-19} {(string?)letter["date"],-25} {(string?)letter["reason"],-22} {(string?)letter["fault"],-10} {letter["last_code"]?.ToString() ?? "-",-4} {attempts,-8} {letter["event_id"]?.ToString(),-36}  {Screen.Harmless((string)letter["event_code"]!)}");
            }

            if (list["_links"]?["next"] is not null)
            {
                Console.WriteLine($"{letters.Count}{filter.FindTotal(parsed, list["counts"]!)} shown. The next: --older-than {letters[^1]!["id"]}");
            }

            foreach (var (reason, count) in list["counts"]!.AsObject())
            {
                Console.WriteLine($"{reason}: {count}");
            }

            if ((long)list["dropped"]! > 0)
            {
                Console.WriteLine($"dropped because there were too many: {list["dropped"]}");
            }
        }));
        return command;
    }

    private static Command CreateShow(string defaultDataDirectory)
    {
        var command = new Command("show", "Show one with its payload and its last trace, as JSON");
        var target = new RegistrationArguments(command, defaultDataDirectory);
        var id = new Argument<string>("ID") { Description = "The dead letter's id" };
        command.Add(id);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, cancellationToken, async (api, path) =>
            Console.WriteLine(Json.Indented(
                await api.SendAsync(HttpMethod.Get, $"{path}/dead-letters/{Uri.EscapeDataString(parsed.GetValue(id)!)}", null, cancellationToken)))));
        return command;
    }

    private static Command CreateRedrive(string defaultDataDirectory)
    {
        var command = new Command("redrive", "Deliver again: one by its id, or many (--all, or by --reason, --from, --to)");
        var target = new RegistrationArguments(command, defaultDataDirectory);
        var filter = new FilterOptions(command);
        var id = new Argument<string?>("ID") { Description = "The dead letter's id", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All of them" };
        command.Add(id);
        command.Add(all);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, cancellationToken, async (api, path) =>
        {
            if (parsed.GetValue(id) is { } one)
            {
                filter.RequireNone(parsed, all);
                await api.SendAsync(HttpMethod.Post, $"{path}/dead-letters/{Uri.EscapeDataString(one)}/redrive", null, cancellationToken);
                Console.WriteLine($"{one} is being delivered again.");
                return;
            }

            var replay = await api.SendAsync(HttpMethod.Post, $"{path}/dead-letters/redrive?{filter.Choice(parsed, all)}", null, cancellationToken);
            Console.WriteLine(new ReplayView(replay!).StartLine);
        }));
        return command;
    }

    private static Command CreatePurge(string defaultDataDirectory)
    {
        var command = new Command("purge", "Remove for good: one by its id, or many (--all, or by --reason, --from, --to)");
        var target = new RegistrationArguments(command, defaultDataDirectory);
        var filter = new FilterOptions(command);
        var id = new Argument<string?>("ID") { Description = "The dead letter's id", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All of them" };
        command.Add(id);
        command.Add(all);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, cancellationToken, async (api, path) =>
        {
            if (parsed.GetValue(id) is { } one)
            {
                filter.RequireNone(parsed, all);
                await api.SendAsync(HttpMethod.Delete, $"{path}/dead-letters/{Uri.EscapeDataString(one)}", null, cancellationToken);
                Console.WriteLine("Removed 1.");
                return;
            }

            var purged = await api.SendAsync(HttpMethod.Delete, $"{path}/dead-letters?{filter.Choice(parsed, all)}", null, cancellationToken);
            Console.WriteLine($"Removed {purged!["purged"]}.");
        }));
        return command;
    }

    /// <summary>Which dead letters are meant.</summary>
    private sealed class FilterOptions
    {
        private readonly Option<string> _reason = new("--reason") { Description = "Only those of this reason, such as endpoint_rejected or retries_exhausted", HelpName = "REASON" };
        private readonly Option<string> _from = new("--from") { Description = "Only those that died since then, such as 2026-01-31T12:00:00Z", HelpName = "TIME" };
        private readonly Option<string> _to = new("--to") { Description = "Only those that died before then", HelpName = "TIME" };

        public FilterOptions(Command command)
        {
            command.Add(_reason);
            command.Add(_from);
            command.Add(_to);
        }

        public string Query(ParseResult parsed) => string.Concat(
            Part("reason", parsed.GetValue(_reason)), Part("from", parsed.GetValue(_from)), Part("to", parsed.GetValue(_to)));

        /// <summary>The query of a command that ends many.</summary>
        /// <exception cref="DeveloperException">Nothing says which ones.</exception>
        public string Choice(ParseResult parsed, Option<bool> all)
        {
            var query = Query(parsed) + (parsed.GetValue(all) ? "&all=true" : "");
            return query.Length > 0 ? query[1..] : throw new DeveloperException("Say which ones: an ID, --reason, --from, --to, or --all.");
        }

        /// <exception cref="DeveloperException">One is named, and yet others are chosen.</exception>
        public void RequireNone(ParseResult parsed, Option<bool> all)
        {
            if (parsed.GetValue(all) || Query(parsed).Length > 0)
            {
                throw new DeveloperException("An ID does not go with --reason, --from, --to or --all. Give it alone, or leave it out.");
            }
        }

        /// <summary>How many the filter means, as the end of a number of those; empty when the counts of all do not tell.</summary>
        public string FindTotal(ParseResult parsed, JsonNode counts) =>
            parsed.GetValue(_from) is not null || parsed.GetValue(_to) is not null ? ""
            : parsed.GetValue(_reason) is { } reason ? $" of {counts[reason]}"
            : $" of {counts.AsObject().Sum(count => (long)count.Value!)}";

        public static string Part(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
    }
}
