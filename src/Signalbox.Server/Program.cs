using System.CommandLine;
using Signalbox.Server;
using Signalbox.Server.Commands;

var root = new RootCommand("Signalbox: events in, your functions out. Start with 'signalbox demo', then 'signalbox serve'.")
{
    ServeCommand.Create(),
    EnvCommand.Create(),
    TraceCommand.Create(),
    DemoCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (SettingsException exception)
{
    await Console.Error.WriteLineAsync($"signalbox: {exception.Message}");
    return 2;
}
catch (Exception exception) when (StartFault.Explain(exception) is { } reason)
{
    await Console.Error.WriteLineAsync($"signalbox: {reason}");
    return 1;
}
