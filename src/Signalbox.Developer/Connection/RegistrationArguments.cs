using System.CommandLine;
using System.CommandLine.Help;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Connection;

/// <summary>What every command about one registration of a running server takes.</summary>
internal sealed class RegistrationArguments
{
    private readonly Argument<string> _registration = new("REGISTRATION") { Description = "The registration's id or name" };

    private readonly Option<string> _data = new("--data")
    {
        Description = "The server's data directory. Default: the variables of 'signalbox env', else the default data directory",
        HelpName = "DIR",
    };

    private readonly string _defaultDataDirectory;

    public RegistrationArguments(Command command, string defaultDataDirectory)
    {
        _defaultDataDirectory = defaultDataDirectory;
        command.Add(_registration);
        command.Add(_data);
    }

    /// <summary>Sees to it that a command below this one names the registration itself, and only there.</summary>
    public void RefuseBefore(Command below)
    {
        below.Validators.Add(given =>
        {
            if (given.Parent?.GetResult(_registration) is { Tokens: [var stray, ..] })
            {
                given.AddError($"'{Screen.Harmless(stray.Value)}' stands before '{below.Name}'. Name the registration once, behind it.");
            }
        });
        below.Add(new HelpOption { Action = new OwnHelp() });
    }

    /// <summary>Signs in and does something with the registration's path.</summary>
    public Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken, Func<EventsClient, string, Task> run) =>
        RunAsync(parsed, cancellationToken, async (api, path) =>
        {
            await run(api, path);
            return 0;
        });

    /// <summary>What the API says of its members, with the names of the options that they were given by.</summary>
    private static string InOptions(string message, Command command) => command.Options.Aggregate(
        message,
        (text, option) => text.Replace(
            option.Name == "--event" ? "'event_id'" : $"'{option.Name.TrimStart('-').Replace('-', '_')}'", $"'{option.Name}'", StringComparison.Ordinal));

    /// <summary>The same for what has an exit code of its own.</summary>
    public async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken, Func<EventsClient, string, Task<int>> run)
    {
        using var api = await EventsClient.SignInAsync(WorkspaceCredentials.Find(parsed.GetValue(_data), _defaultDataDirectory), cancellationToken);
        try
        {
            return await run(api, await api.FindRegistrationAsync(parsed.GetValue(_registration)!, cancellationToken));
        }
        catch (DeveloperException exception)
        {
            throw new DeveloperException(InOptions(exception.Message, parsed.CommandResult.Command));
        }
    }
}
