using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Events.Tracing;

/// <summary>Stores held traces a second after the first of them was held, and the last ones when the server stops.</summary>
internal sealed partial class TraceFlusher(TraceStore traces, TimeProvider clock, ILogger<TraceFlusher> logger) : BackgroundService
{
    /// <summary>How old a held trace becomes: what a crash may lose of the successes.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await traces.WaitForHeldAsync(stoppingToken);
            await Task.Delay(_pause, clock, stoppingToken);
            await FlushAsync(stoppingToken);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await traces.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Storing the traces of the last second failed; they are lost")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
