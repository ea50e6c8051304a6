using System.CommandLine;
using System.Runtime.InteropServices;
using Signalbox.Storage;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox serve</c>: starts the server for work.</summary>
internal static partial class ServeCommand
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
                Banner.Tell(app, settings, data);
                // The host ends for SIGTERM and SIGINT; the end of the terminal is one too, and must not cut requests off.
                using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
                {
                    signal.Cancel = true;
                    app.Lifetime.StopApplication();
                });
                var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServeCommand).FullName!);
                app.Lifetime.ApplicationStopping.Register(() => Log.Stopping(logger, settings.DrainTimeout.TotalSeconds));
                var watch = app.Services.GetRequiredService<DatabaseWatch>();
                await app.WaitForShutdownAsync(cancellationToken);
                isTaken = watch.IsTaken;
                Log.Stopped(logger);
            }

            return isTaken ? 2 : 0;
        });
        return command;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Stopping: no more requests are taken, and what runs may end within {Seconds} s")]
        public static partial void Stopping(ILogger logger, double seconds);

        [LoggerMessage(2, LogLevel.Information, "Stopped")]
        public static partial void Stopped(ILogger logger);
    }
}
