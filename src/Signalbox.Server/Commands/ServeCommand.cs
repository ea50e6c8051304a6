using System.CommandLine;
using System.Runtime.InteropServices;
using Signalbox.Storage;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox serve</c>: starts the server for work.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Start the server");
        var arguments = new ServerArguments($"The data directory. Default $SIGNALBOX_DATA, else {ServerSettings.DefaultDataDirectory}");
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = arguments.Settings(parsed, ServerSettings.DefaultDataDirectory, ServerSettings.DefaultUrl);
            using var data = DataDirectory.Open(settings.DataDirectory);
            await using var app = SignalboxApplication.Build(settings, data, arguments.Configuration(parsed));
            var isTaken = false;
            if (await SignalboxApplication.StartAsync(app, settings, cancellationToken))
            {
                Banner.Print(app, settings, data);
                // The host ends for SIGTERM and SIGINT; the end of the terminal is one too, and must not cut requests off.
                using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
                {
                    signal.Cancel = true;
                    app.Lifetime.StopApplication();
                });
                var watch = app.Services.GetRequiredService<DatabaseWatch>();
                await app.WaitForShutdownAsync(cancellationToken);
                isTaken = watch.IsTaken;
            }

            return isTaken ? 2 : 0;
        });
        return command;
    }
}
