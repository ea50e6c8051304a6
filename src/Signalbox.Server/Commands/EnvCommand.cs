using System.CommandLine;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox env</c>: shell lines that point the existing clients at this server.</summary>
internal static class EnvCommand
{
    public static Command Create()
    {
        var command = new Command("env", "Print shell exports for 'aio rt', openwhisk and curl: eval \"$(./signalbox env)\"");
        var data = new Option<string>("--data")
        {
            Description = $"The server's data directory. Default $SIGNALBOX_DATA, else {ServerSettings.DefaultDataDirectory}",
            HelpName = "DIR",
        };
        command.Add(data);
        command.SetAction(parsed =>
        {
            var path = Path.Combine(Path.GetFullPath(parsed.GetValue(data) ?? ServerSettings.DefaultDataDirectory), FirstStart.EnvironmentFile);
            if (!File.Exists(path))
            {
                throw new SettingsException($"There is no '{path}'. Start the server once ('signalbox serve'), or name its data directory with --data DIR.");
            }

            Console.Write(File.ReadAllText(path));
            return 0;
        });
        return command;
    }
}
