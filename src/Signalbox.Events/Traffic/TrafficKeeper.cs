using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Events.Traffic;

/// <summary>
/// Saves the counted traffic every few seconds in one commit, and reads the last hour of it at start. A crash loses
/// those few seconds of figures, never an event.
/// </summary>
internal sealed partial class TrafficKeeper(TrafficLedger ledger, TrafficStore store, TimeProvider clock, ILogger<TrafficKeeper> logger) : BackgroundService
{
    private const int DeleteRows = 500;

    private static readonly TimeSpan _saveEvery = TimeSpan.FromSeconds(5);

    // Minutes that nobody is shown any more; kept a day for whoever looks into the table.
    private static readonly TimeSpan _retention = TimeSpan.FromDays(1);

    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        var unsaved = ledger.TakeUnsaved();
        if (unsaved.Count == 0)
        {
            return;
        }

        try
        {
            await store.AddAsync(unsaved, cancellationToken);
        }
        catch
        {
            ledger.Return(unsaved);
            throw;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await GuardAsync(() => SaveAsync(cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var now = TrafficLedger.MinuteOf(clock.GetUtcNow());
        await GuardAsync(async () => ledger.Restore(await store.LoadAsync(now - TrafficHour.Length, stoppingToken)));
        var deletedAt = 0L;
        using var timer = new PeriodicTimer(_saveEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await GuardAsync(() => SaveAsync(stoppingToken));
            now = TrafficLedger.MinuteOf(clock.GetUtcNow());
            if (deletedAt != now)
            {
                deletedAt = now;
                await GuardAsync(async () =>
                {
                    while (await store.DeleteAsync(now - (long)_retention.TotalMinutes, DeleteRows, stoppingToken) > 0)
                    {
                    }
                });
            }
        }
    }

    /// <summary>A database that is away for a while must not end the actor.</summary>
    private async Task GuardAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Keeping the figures of the console failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
