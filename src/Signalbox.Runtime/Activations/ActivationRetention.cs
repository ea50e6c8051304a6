using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Runtime.Activations;

/// <summary>Deletes activation records that are older than the retention, in small batches.</summary>
internal sealed partial class ActivationRetention(
    ActivationStore store, RuntimeOptions options, TimeProvider clock, ILogger<ActivationRetention> logger) : BackgroundService
{
    private const int BatchLength = 1_000;
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(5);

    /// <summary>Deletes everything that is too old now; returns how many records.</summary>
    public async Task<int> DeleteExpiredAsync(CancellationToken cancellationToken)
    {
        var before = (clock.GetUtcNow() - options.ActivationRetention).ToUnixTimeMilliseconds();
        var total = 0;
        for (var ns = await store.NextNamespaceAsync("", cancellationToken); ns is not null; ns = await store.NextNamespaceAsync(ns, cancellationToken))
        {
            int deleted;
            do
            {
                deleted = await store.DeleteOlderAsync(ns, before, BatchLength, cancellationToken);
                total += deleted;
            }
            while (deleted > 0);
        }

        return total;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await DeleteExpiredAsync(stoppingToken) is > 0 and var count)
                {
                    Log.Deleted(logger, count);
                }
            }
#pragma warning disable CA1031 // A database that is away for a while must not end the clean-up for good.
            catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Deleted {Count} expired activation records")]
        public static partial void Deleted(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning, "Deleting expired activation records failed; the next round tries again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
