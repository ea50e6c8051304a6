using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Sandbox;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox runtimes</c>: the kinds that this machine can run, and fetching those that it cannot yet.</summary>
internal static class RuntimesCommand
{
    private const int NameWidth = 12;

    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = $"The server's data directory, whose settings count. Default $SIGNALBOX_DATA, else {ServerSettings.DefaultDataDirectory}",
            HelpName = "DIR",
            Recursive = true,
        };
        return new Command("runtimes", "List the kinds of actions that this machine can run, or install one") { data, CreateList(data), CreateInstall(data) };
    }

    private static Command CreateList(Option<string> data)
    {
        var command = new Command("list", "Print every kind, and where its interpreter is");
        command.SetAction(parsed =>
        {
            foreach (var (kind, state) in Kinds(parsed.GetValue(data)).List())
            {
                Console.WriteLine($"{kind.Name.PadRight(NameWidth)} {(kind.IsDefault ? "default" : "       ")}  {state}");
            }

            return 0;
        });
        return command;
    }

    private static Command CreateInstall(Option<string> data)
    {
        var names = new Argument<string[]>("KIND") { Description = "Such as nodejs:24", Arity = ArgumentArity.OneOrMore };
        var command = new Command("install", "Fetch a kind's interpreter and modules, so that its first action need not wait") { names };
        command.SetAction(async (parsed, _) =>
        {
            var kinds = Kinds(parsed.GetValue(data));
            try
            {
                foreach (var name in parsed.GetValue(names)!)
                {
                    Console.WriteLine(await kinds.InstallAsync(name));
                }

                return 0;
            }
            catch (KindUnavailableException exception)
            {
                await Console.Error.WriteLineAsync($"signalbox: {exception.Message.TrimEnd('.')}.");
                return 1;
            }
        });
        return command;
    }

    private static RuntimeKinds Kinds(string? data)
    {
        var settings = new ServerSettings { DataDirectory = data ?? ServerSettings.DefaultDataDirectory, Urls = ServerSettings.DefaultUrl };
        var configuration = new ConfigurationBuilder();
        ServerSettings.Read(configuration, settings.DataDirectory);
        return new RuntimeKinds(settings.Sandbox(configuration.Build()), TimeProvider.System, NullLogger<RuntimeKinds>.Instance);
    }
}
