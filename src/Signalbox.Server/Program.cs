using System.CommandLine;
using System.CommandLine.Invocation;
using Signalbox.Developer;
using Signalbox.Server;
using Signalbox.Server.Commands;
using Signalbox.Storage;

var root = new RootCommand("Signalbox: events in, your functions out. Start with 'signalbox demo', then 'signalbox serve'.")
{
    ServeCommand.Create(),
    EnvCommand.Create(),
    DemoCommand.Create(),
    KeysCommand.Create(),
    CertificatesCommand.Create(),
    NotifyCommand.Create(),
    ConsoleCommand.Create(),
    RuntimesCommand.Create(),
};
foreach (var command in DeveloperCommands.Create(ServerSettings.DefaultDataDirectory))
{
    root.Add(command);
}

try
{
    var parsed = root.Parse(args);
    var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    return parsed.Action is ParseErrorAction ? 2 : exitCode;
}
catch (Exception exception) when (exception is SettingsException or DeveloperException or DatabaseHeldException)
{
    await Console.Error.WriteLineAsync($"signalbox: {exception.Message}");
    return 2;
}
catch (Exception exception) when (StartFault.Explain(exception) is { } reason)
{
    await Console.Error.WriteLineAsync($"signalbox: {reason}");
    return 1;
}
