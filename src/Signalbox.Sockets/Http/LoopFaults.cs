using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Sockets.Http;

/// <summary>Tells in the log what <see cref="EventLoop.HandlerFailed"/> hears of.</summary>
internal sealed partial class LoopFaults(ILogger<LoopFaults> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        EventLoop.HandlerFailed += Tell;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        EventLoop.HandlerFailed -= Tell;
        return Task.CompletedTask;
    }

    private void Tell(Exception exception) => Log.Broken(logger, exception);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A connection was closed because of a bug in this server")]
        public static partial void Broken(ILogger logger, Exception exception);
    }
}
