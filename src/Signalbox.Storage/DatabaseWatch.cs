using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Storage;

/// <summary>
/// Looks every few seconds whether the database is held still, and stops the server when another has taken it: that one
/// knows nothing of what is registered here, nor this one of what is registered there.
/// </summary>
public sealed partial class DatabaseWatch(Database database, IHostApplicationLifetime lifetime, ILogger<DatabaseWatch> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(3);

    /// <summary>Another server holds the database, so this one stops.</summary>
    public bool IsTaken { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Connections break in real time, whatever the clock of a test says.
        using var timer = new PeriodicTimer(_interval);
        while (!IsTaken && await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private void Look()
    {
        try
        {
            database.EnsureHeld();
        }
        catch (DatabaseHeldException exception)
        {
            IsTaken = true;
            Log.Taken(logger, exception.Message);
            lifetime.StopApplication();
        }
        catch (Exception exception) when (exception is DbException or TimeoutException or System.Net.Sockets.SocketException)
        {
            // It is away; whoever writes says so, and the next look comes soon.
        }
#pragma warning disable CA1031 // A look that fails, however it does, must not end the server.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "This server stops: it lost its hold of the database during an outage. {Reason}")]
        public static partial void Taken(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Error, "Whether the database is held still could not be found out; the next look tries again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
