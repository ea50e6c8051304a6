using System.CommandLine;

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

    /// <summary>Signs in and does something with the registration's path.</summary>
    public Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken, Func<EventsClient, string, Task> run) =>
        RunAsync(parsed, cancellationToken, async (api, path) =>
        {
            await run(api, path);
            return 0;
        });

    /// <summary>The same for what has an exit code of its own.</summary>
    public async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken, Func<EventsClient, string, Task<int>> run)
    {
        using var api = await EventsClient.SignInAsync(WorkspaceCredentials.Find(parsed.GetValue(_data), _defaultDataDirectory), cancellationToken);
        return await run(api, await api.FindRegistrationAsync(parsed.GetValue(_registration)!, cancellationToken));
    }
}
