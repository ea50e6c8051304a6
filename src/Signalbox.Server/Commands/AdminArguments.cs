using System.CommandLine;
using Signalbox.Server.Administration;

namespace Signalbox.Server.Commands;

/// <summary>What the commands have in common that talk to a running server.</summary>
internal static class AdminArguments
{
    /// <summary>Adds <c>--data</c> and runs the command against that directory's server; a refusal is told and exits with 1.</summary>
    public static Command Administers(this Command command, Func<ParseResult, AdminClient, CancellationToken, Task<int>> run)
    {
        var data = new Option<string>("--data")
        {
            Description = $"The running server's data directory. Default $SIGNALBOX_DATA, else {ServerSettings.DefaultDataDirectory}",
            HelpName = "DIR",
        };
        command.Add(data);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = AdminClient.Open(parsed.GetValue(data) ?? ServerSettings.DefaultDataDirectory);
            try
            {
                return await run(parsed, client, cancellationToken);
            }
            catch (AdminRefusedException refused)
            {
                await Console.Error.WriteLineAsync($"signalbox: {refused.Message}");
                return 1;
            }
        });
        return command;
    }
}
