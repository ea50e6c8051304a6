using Signalbox.Storage;

namespace Signalbox.Server.Outages;

/// <summary>While the storage refuses what it is asked: tells every few seconds how much that was, and once when it works again.</summary>
internal sealed partial class StorageOutageWatch(StorageOutage outage, Database database, TimeProvider clock, ILogger<StorageOutageWatch> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

    /// <summary>One look.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        if (outage.Take() is not { } tally)
        {
            return;
        }

        // What works behind the requests tries again and again; that alone says nothing new.
        if (tally.Requests > 0)
        {
            Log.Lasts(logger, (int)tally.Lasts.TotalSeconds, tally.Requests, tally.Others, tally.Reason);
        }

        // Whoever was refused may not ask again; so this does.
        if (await WorksAsync(cancellationToken) && outage.End() is { } whole)
        {
            Log.Over(logger, (int)whole.Lasts.TotalSeconds, whole.RequestsInAll);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    private async Task<bool> WorksAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ProbeAsync(cancellationToken).WaitAsync(_interval, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The storage refuses what it is asked, for {Seconds} s now: {Requests} requests and {Others} commits and other work since the last line. {Reason}")]
        public static partial void Lasts(ILogger logger, int seconds, int requests, int others, string reason);

        [LoggerMessage(2, LogLevel.Information, "The storage works again, after {Seconds} s in which it refused {Requests} requests")]
        public static partial void Over(ILogger logger, int seconds, int requests);
    }
}
