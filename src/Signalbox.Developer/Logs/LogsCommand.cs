using System.CommandLine;
using System.Text.RegularExpressions;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Logs;

/// <summary><c>signalbox logs</c>: what actions print, as they print it or afterwards.</summary>
internal static partial class LogsCommand
{
    private const int CountDefault = 10;
    private const int CountMax = 50;

    public static Command Create(string defaultDataDirectory)
    {
        var command = new Command("logs", "Show what actions print: of the latest activations, of one, or live with --follow");
        var of = new Argument<string?>("ACTION or ACTIVATION_ID") { Description = "An action (hello, shop/hello) or an activation. Default: the whole namespace", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Stream lines as they are printed, until Ctrl+C" };
        var last = new Option<bool>("--last", "-l") { Description = "Only the latest activation" };
        var count = NumberOption.Create("--limit", $"How many activations (1 to {CountMax}). Default {CountDefault}", 1, CountMax);
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var connection = new ConnectionOptions(defaultDataDirectory);
        command.Add(of);
        foreach (var option in new Option[] { follow, last, count, json })
        {
            command.Add(option);
        }

        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = new RuntimeClient(connection.Resolve(parsed, Directory.GetCurrentDirectory()));
            var printer = new LogPrinter(Screen.Standard, parsed.GetValue(json));
            var name = parsed.GetValue(of)?.TrimStart('/');
            if (parsed.GetValue(follow))
            {
                return await FollowAsync(client, name, printer, cancellationToken);
            }

            var limit = parsed.GetValue(last) ? 1 : parsed.GetValue(count) ?? CountDefault;
            return await ShowAsync(new ActivationReader(client), name, limit, printer, cancellationToken);
        });
        return command;
    }

    private static async Task<int> FollowAsync(RuntimeClient client, string? action, LogPrinter printer, CancellationToken cancellationToken)
    {
        if (action is not null)
        {
            await new ActivationReader(client).RequireActionAsync(action, cancellationToken);
        }

        // Notes go to standard error: standard output holds what the actions printed and nothing else.
        var notes = new Screen(Console.Error, colours: false);
        try
        {
            await new LogFollower(client, notes).FollowAsync(
                action,
                () => notes.Line($"Following {action ?? "all actions"} at {client.Url}; Ctrl+C ends."),
                printer.Live,
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C: the way to end it.
        }

        return 0;
    }

    private static async Task<int> ShowAsync(ActivationReader reader, string? of, int count, LogPrinter printer, CancellationToken cancellationToken)
    {
        IReadOnlyList<ActivationView> activations;
        if (of is not null && ActivationId.IsMatch(of))
        {
            activations = await reader.FindAsync(of, cancellationToken) is { } found
                ? [found]
                : throw new DeveloperException($"There is no activation '{of}'. It may still be running ('signalbox logs --follow'), or its record has expired.");
        }
        else
        {
            activations = await reader.LatestAsync(of, count, cancellationToken);
            if (activations.Count == 0 && of is not null)
            {
                await reader.RequireActionAsync(of, cancellationToken);
            }
        }

        if (activations.Count == 0)
        {
            await Console.Error.WriteLineAsync($"No activations{(of is null ? "" : $" of '{of}'")} yet. Run one: signalbox invoke {of ?? "NAME"}");
        }

        foreach (var activation in activations)
        {
            printer.Activation(activation);
            foreach (var component in await reader.ComponentsAsync(activation, cancellationToken))
            {
                printer.Activation(component, "  ");
            }
        }

        return 0;
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex ActivationId { get; }
}
