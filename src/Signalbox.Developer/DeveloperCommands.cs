using System.CommandLine;
using Signalbox.Developer.DeadLetters;
using Signalbox.Developer.Dev;
using Signalbox.Developer.Invoke;
using Signalbox.Developer.Logs;
using Signalbox.Developer.Replays;
using Signalbox.Developer.Stories;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer;

/// <summary>The commands for people who write actions. They talk to a running server over HTTP, as any client does.</summary>
public static class DeveloperCommands
{
    /// <param name="defaultDataDirectory">Where a server of this machine keeps its data when nobody says.</param>
    public static IReadOnlyList<Command> Create(string defaultDataDirectory)
    {
        IReadOnlyList<Command> commands =
        [
            TraceCommand.Create(defaultDataDirectory),
            InvokeCommand.Create(defaultDataDirectory),
            LogsCommand.Create(defaultDataDirectory),
            EventsCommand.Create(defaultDataDirectory),
            DeadLettersCommand.Create(defaultDataDirectory),
            DevCommand.Create(defaultDataDirectory),
        ];
        foreach (var command in commands)
        {
            UnknownOptions.Refuse(command);
        }

        return commands;
    }
}
