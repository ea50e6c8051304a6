using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Events.Tracing;

/// <summary>Deletes traces older than 7 days, hourly and in batches.</summary>
internal sealed partial class TracePruner(TraceStore traces, TimeProvider clock, ILogger<TracePruner> logger) : BackgroundService
{
    private const int BatchRows = 500;

    private static readonly TimeSpan _every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, clock);
        do
        {
            try
            {
                var before = clock.GetUtcNow() - TraceStore.Retention;
                while (await traces.DeleteAsync(before, BatchRows, stoppingToken) > 0)
                {
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Deleting old traces failed; it is tried again in an hour")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
